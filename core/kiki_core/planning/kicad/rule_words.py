"""The words of requests for design rules, in English, French, German and Spanish."""

from __future__ import annotations

import re
from collections.abc import Sequence

_OF_A_THING = r"(?!(?:-| )to(?:-| )edge)(?! (?:of|des?|d'|von|der|del?)\s?(?:(?:the|an?|any|two|each|both|les?|la|deux|chaque|un|une|zwei|los|las|dos|cada|all)\s)*(?:holes?|drills?|vias?|pads?|tracks?|traces?|trous?|perçages?|pistes?|pastilles?|bohrung\w*|löcher\w*|leiterbahn\w*|agujeros?|taladros?|pistas?))"
"""Behind an edge: not that of a hole, pad or track, which isn't the board's."""
CONSTRAINTS: Sequence[tuple[str, str]] = (
    ("creepage", r"creepage|kriechstrecke\w*|lignes? de fuites?|l[íi]neas? de fuga|cheminement"),
    ("courtyard_clearance", r"courtyards?|bestückungsfl\w+"),
    ("hole_to_hole", r"(?:holes?|drills?)\W(?:to\W|and\W)?(?:holes?|drills?)|hole[- ]to[- ]hole|(?:between|zwischen|entre) (?:(?:the |les |den |los )?(?:edges?|walls?|bords?|parois|rändern|kanten|bordes?)(?: of| des?| von| der| de los)? )?(?:(?:any |the )?\w+ )?(?:holes|drills|bohrungen|löchern|"
                     r"(?:les )?(?:trous|perçages)|(?:los )?(?:agujeros|taladros))|trou à trou|loch[- ]zu[- ]loch|bohrungs?abst\w+|lochabst\w+|agujero a agujero|"
                     r"d'un trou à l'autre|from (?:one )?hole to (?:another|the next)"),
    ("hole_clearance", r"hole clearance|copper[- ]to[- ]hole|hole[- ]to[- ]copper|(?:cuivre|cobre|kupfer|copper)(?:[^,.;]|[.,](?=\d)){0,45}?(?:trous?|perçages?|agujeros?|taladros?|"
                       r"bohrung\w*|loch|löcher\w*|holes?|drills?)|(?:trous?|perçages?|agujeros?|taladros?|bohrung\w*|loch|löcher\w*|holes?|drills?)[^,.;]{0,25}"
                       r"(?:cuivre|cobre|kupfer|copper)"),
    ("silk_clearance", r"silk\w*|sérigraphie|serigraf[íi]a|bestückungsdruck|siebdruck"),
    ("edge_clearance", rf"(?<!edge to )(?<!edge-to-)(?:\bedges?\b|board outline|\boutline\b|\bbords?\b|contour|\bkante\w*|\b\w{{0,30}}rand\b|\bborde\b|platinenkante){_OF_A_THING}"),
    ("thermal_spoke_width", r"spokes?|rayons? (?:thermiques?)?|wärmefallen?-?steg\w*|\b\w{0,30}stege?\b|radios térmicos"),
    ("thermal_relief_gap", r"thermal (?:relief )?gap|relief gap"),
    ("diff_pair_uncoupled", r"uncoupled|non couplée?|ungekoppelt\w*|sin acoplar|desacoplad\w+"),
    ("diff_pair_gap", r"(?:pair|diff\w*)[^,.;]{0,30}(?:gap|spacing|abstand|separaci[óo]n|écart\w*|espacement)|\bgap\b|écartement"),
    ("skew", r"skew|length match\w*|matched length|längenunterschied\w*|laufzeit\w*|différence de longueur|diferencia de longitud|désappariement|length difference"),
    ("track_segment_length", r"segment length|longueur de segment|segmentlänge"),
    ("annular_width", r"annular\w*|restring\w*|anneau|anular|couronne"),
    ("via_diameter", r"via-?size|via-?durchmesser|(?<!drill )(?<!hole )(?:diam[eèé]t\w+|\bdia\b|durchmesser|diámetro)"),
    ("hole_size", r"hole (?:size|diameter)|drill (?:size|diameter)|\bdrill\w*|hole (?:size|diameter)|\bholes?\b|perçages?|\btrous?\b|bohr\w+|taladros?|agujeros?|lochdurchm\w+"),
    ("text_thickness", r"(?:text|letter|stroke|schrift\w*|texte|texto)[^,.;]{0,30}(?:thickness|thick|stärke|strichst\w+|épaisseur|grosor)|stroke (?:width|thickness)|(?<=mm )(?:thick|stark)\b"),
    ("text_height", r"(?:text|letter|schrift\w*|texte|texto|lettres)[^,.;]{0,30}(?:height|high|tall|höhe|hoch|hauteur|haut|altura|alto)|schrifthöhe|(?:height|hauteur|altura) "
                    r"(?:of|du|des|de los?) (?:all )?(?:text\w*)|(?<=mm )(?:high|tall|hoch)\b"),
    ("connection_width", r"connection width|neck\w*|verbindungsbreite"),
    ("track_width", r"\bwidths?\b|\bwide\b|\b\w{0,30}breiten?\b|\bbreit\b|\blargeurs?|\blarges?\b|\bancho|\banchura|\b(?:tracks?|traces?|leiterbahn\w*|pistes?|pistas?)\b"
                    r"(?=[^;]{0,40}\d)"),
    ("length", r"lengths?|longueurs?|länge|longitud|\blong\b|\blang\b|not longer|no longer|longer than"),
    ("physical_clearance", r"physical clearance|mechanical clearance|whatever their nets?"),
    ("clearance", r"clearances?|abstand\w*|isolations?abst\w+|isolement|isolation|distances?|dégagement|espacements?|spacing|separaci[óo]n|separation|distancia|"
                  r"aislamiento|keep\w* (?:\w+ )?(?:away|apart)|(?:keep\w*|stay\w*|remain\w*)\W+(?:at least |min\w* |more than )?[\d.,]+ ?\w{2,5} (?:from|to|away|apart|between|among)|among (?:themselves|each other)|untereinander|entre (?:elles|eux|ellas|ellos)|apart|auseinander|away from|entfernt|\bd'écart\b|luft"),
)  # fmt: skip
"""KiCad's constraints by the words that ask for them; more special ones first."""
LENGTH = re.compile(
    r"(?<![\w.,])(-?\d{0,4}(?:[.,]\d{1,4})?)\s?(mm|millimet\w+|millimèt\w+|milímet\w+|mils?|thou|inch(?:es)?|in(?![a-z ])|zoll|pouces?|pulgadas?|\"|µm|um|μm|microns?|cm)"
    r"(?![\w²])", re.IGNORECASE,
)  # fmt: skip
LOWER = re.compile(
    r"(?:between|zwischen|entre|from|von|de|desde)\s+(\d+(?:[.,]\d+)?)\s+(?:and|und|et|y|to|bis|à|a)\s+$", re.IGNORECASE
)
"""The lower end of a range whose unit stands behind its upper end."""
UNITS = {"mi": "mil", "th": "mil", "in": "in", "zo": "in", "po": "in", "pu": "in", '"': "in"}
MOST = re.compile(
    r"\b(?:at most|max(?:imum|imal\w*|\.)?|maxi|no more than|not more than|not exceed\w*|up to|under|below|less than|höchstens|nicht (?:länger|mehr|breiter)|au plus|"
    r"pas plus|como (?:mucho|máximo)|no más de|máxim[oa]|shorter than|no longer than|not (?:be )?longer than|longer than)\b|<=|≤|(?<!\w)<", re.IGNORECASE,
)  # fmt: skip
LEAST = re.compile(
    r"\b(?:at least|min(?:imum|imal\w*|i|\.)?|no less than|not less than|mindestens|wenigstens|au moins|al menos|como m[íi]nimo|mínim[oa]|more than|plus de|"
    r"(?:no |not )?(?:narrower|smaller|closer|thinner|nearer) than)\b|>=|≥|(?<!\w)>", re.IGNORECASE,
)  # fmt: skip
EXACT = re.compile(r"\bexact\w*|\bgenau\b|exactement|précisément|exactamente|\bonly\b|\bfixed\b|fest\b", re.IGNORECASE)
CLASS_WORD = r"(?:net ?class(?:es)?|netzklassen?|classes? (?:de )?(?:nets?|réseaux?|red(?:es)?|équipotentielles?)|classe|clase|klasse|class)"
NAME = r"[\"'`«“„]?([A-Za-z_+\-][\w+\-.]{0,30})[\"'`»”“]?"
FILLERS = frozenset("a an and the is are of to for at with must be shall should und et y ist sind doit doivent debe deben on in from any other else min max "
                     "rule rules width clearance only der die das le la les el los y have has mindestens between zwischen entre everything anything all allem allen alles tout tous todo others rest resto reste any min. net netz which that use needs per drc kicad".split())  # fmt: skip
CLASSES = (
    re.compile(rf"{CLASS_WORD}\s+(?:named |called |namens |nommée? |llamada )?{NAME}(?:\s*(?:and|und|et|y|/|vs\.?|to|or|&)\s*(?:the )?(?:{CLASS_WORD}\s+)?{NAME}(?!\s+\d))?",
               re.IGNORECASE),
    re.compile(rf"(?<![\w]){NAME}[- ](?:net ?class|netzklasse|klasse|class)\b", re.IGNORECASE),
)  # fmt: skip
"""A class behind its word, and two that are joined; before it only where none stands behind."""
NETS = (
    re.compile(rf"\b(?:nets?|netze?s?|réseaux?|red(?:es)?|signals?)\s+(?:named |called |namens |nommée? |llamad[oa] )?{NAME}", re.IGNORECASE),
    re.compile(rf"(?<!\w){NAME}[- ]nets?\b", re.IGNORECASE),
)  # fmt: skip
ELSE = re.compile(
    r"(?:everything|anything|any ?thing|all) else|(?:all|any|every)(?: \w+ of)? (?:an)?others?|(?:every|any|all)(?: \w+){0,2} (?:of )?(?:another|other) (?:net|class)\w*|another class|other (?:nets?|copper|classes)|others\b|allem anderen|allen anderen|alles andere|"
    r"anderen? (?:netz|leit)\w*|übrigen?|tout le reste|(?:tous )?les autres|le reste|tout autre|todo lo demás|el resto|los demás|cualquier otr\w+|the rest|rest of the board",
    re.IGNORECASE,
)  # fmt: skip
AMONG = re.compile(
    r"among (?:themselves|each other|one another)|(?:between|to|from) (?:themselves|each other|one another|nets of (?:the|that) (?:same )?class)|within (?:the|this|that) class|same class|untereinander|zueinander|innerhalb der klasse|entre (?:elles|eux|ellas|ellos|sí)|gegeneinander",
    re.IGNORECASE,
)
"""A distance between members of the same class."""
LAYER = re.compile(r"(?<!\w)((?:F|B|In\d{1,2})[.](?:Cu|SilkS|Silkscreen|Mask|CrtYd))(?!\w)", re.IGNORECASE)
INNER = re.compile(
    r"inner layers?|internal layers?|couches? internes?|innenlagen?|innere\w* lagen?|capas? intern\w+", re.IGNORECASE
)
OUTER = re.compile(
    r"outer layers?|external layers?|couches? externes?|außenlagen?|äußere\w* lagen?|capas? extern\w+", re.IGNORECASE
)
AREA = re.compile(
    r"(?:rule area|area|zone|keep-?out|bereich|région|zona|área)\s+(?:named |called |namens |nommée? |llamada )?[\"'`«“]?([A-Z][\w-]*)[\"'`»”]?"
)
UNDER = re.compile(
    r"(?:footprint|for part|bauteil|composant|componente) (?=[A-Z]{1,3}\d)([A-Z]{1,3}\d{1,4})(?!\w)|(?:under|beneath|below|inside|within|unter(?:halb)?|sous|debajo de|bajo|dentro de|in)\s+(?:the |le |la |el |dem |der )?(?:footprint |part |chip |package |component |bga |courtyard (?:of )?|"
    r"bauteil |gehäuse |composant |boîtier |componente )?([A-Z]{1,3}\d{1,4})(?!\w)", re.IGNORECASE,
)  # fmt: skip
DISALLOW = re.compile(
    r"\bdisallow\w*|\bforbid\w*|\bprohibit\w*|\bban\b|not allowed|\bno (?:vias?|tracks?|traces?|zones?|copper|pads?|holes?|footprints?|text)|keine?n? (?:\w+)|verbiet\w*|verboten|"
    r"interdi\w+|\bprohib\w+|pas de |aucune? |sin vías|nada de|ningun\w*|must not|don'?t allow|keep-?out|nicht erlaubt", re.IGNORECASE,
)  # fmt: skip
ITEMS: Sequence[tuple[str, str]] = (
    ("micro_via", r"micro-?vias?|mikrovias?"), ("buried_via", r"(?:blind|buried|vergraben\w*|borgnes?|enterrée?s?|ciegas?)[- /]?(?:and |or |oder |ou )?\w*\s?vias?"), ("via", r"\bvias?\b|durchkontaktierung\w*|vías?\b"),
    ("track", r"\btracks?\b|\btraces?\b|leiterbahn\w*|\bpistes?\b|\bpistas?\b"), ("zone", r"\bzones?\b(?! \w+ ?named)|copper pours?|kupferfl\w+|plans? de cuivre"), ("pad", r"\bpads?\b"),
    ("text", r"\btexts?\b|\btexte?s?\b"), ("graphic", r"graphics?|grafik\w*"), ("hole", r"\bholes?\b|bohrung\w*|\btrous?\b|agujeros?"), ("footprint", r"footprints?|bauteile?\b|components?|composants?"),
)  # fmt: skip
TYPES: Sequence[tuple[str, str, str]] = (
    ("A.Type == 'Via'", r"\bvias?\b|vías?\b|durchkontaktierung\w*", "via"), ("A.Type == 'Pad'", r"\bpads?\b|pastill[ae]s?|lötfl\w+", "pad"),
    ("A.Type == 'Zone'", r"\bzones?\b|\bpours?\b|kupferfl\w+|planes?\b", "zone"), ("A.Type == 'Track'", r"\btracks?\b|\btraces?\b|leiterbahn\w*|\bpistes?\b|\bpistas?\b", "track"),
)  # fmt: skip
RANGE = re.compile(
    r"(?:between|zwischen|entre|from|von|de|desde)\s+[\d.,]+\s?\w{0,5}\s+(?:and|und|et|y|to|bis|à|a)\s+[\d.,]+",
    re.IGNORECASE,
)
BETWEEN_KINDS = frozenset({"clearance", "creepage", "physical_clearance", "hole_clearance"})
NO_MINIMUM = frozenset({"length", "skew", "diff_pair_uncoupled", "via_count"})
COPPER = re.compile(
    r"copper|cuivre|kupfer|cobre|\btracks?\b|\btraces?\b|leiterbahn\w*|\bpistes?\b|\bpistas?\b|\bzones?\b|\bpads?\b|\bnets?\b",
    re.IGNORECASE,
)
"""What a hole keeps away from, where it isn't another hole."""
WIDTH = re.compile(r"width|\bwide\b|breit|\blarg|\banch|narrow|thick|thin", re.IGNORECASE)
