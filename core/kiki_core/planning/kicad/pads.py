"""Footprints of pads whose sizes and distances a request states itself, for what is no package."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.kicad.sheet import Impossible

_N = r"(\d{1,3}(?:[.,]\d{1,4})?)"
_WORDS = {"one": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
          "sechs": 6, "acht": 8, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "huit": 8, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6,
          "ocho": 8}  # fmt: skip
PAD_WORD = (
    r"(?:(?:[a-zà-ÿ-]{2,12})?pads?|lands?|pastill?as?|pastilles?|plages?|löt(?:pads?|augen?|fläche\w*)|anschlussfl\w+)"
)
_COUNT = re.compile(
    rf"(?<![\w.,])(\d{{1,3}}|{'|'.join(_WORDS)})[ -](?!mm\b|mils?\b)(?:[a-zà-ÿ-]+[ -]){{0,3}}?(?:{PAD_WORD}|pins?|broches?|pines|leads?|polig\w*|terminals?|holes?|anschlüss\w*|contacts?|ways?|poles?|positions?)(?![a-z])",
    re.IGNORECASE,
)  # fmt: skip
_WIDE = re.compile(
    rf"{_N}\s?mm (?:wide|in width|breit|de large(?:ur)?|de ancho)|(?:width|breite|largeur|ancho)\s*(?:of|von|de|=|:)?\s*{_N}\s?mm",
    re.IGNORECASE,
)
_TALL = re.compile(
    rf"{_N}\s?mm (?:tall|high|long|in (?:height|length)|hoch|lang|de haut(?:eur)?|de long(?:ueur)?|de alto|de largo)|(?:height|höhe|hauteur|alto|altura|länge|longueur|length|largo)\s*(?:of|von|de|=|:)?\s*{_N}\s?mm",
    re.IGNORECASE,
)  # fmt: skip
_SIZE = re.compile(
    rf"{PAD_WORD}(?:\s+(?:size|sizes|of|are|is|de|von|mit|with|je|à|con|cada|each|=|:|\(|tamaño|taille|größe|jeweils|dimensions?|rectangul\w+|rechteckig\w*)){{0,4}}\s*,?\s*(?:each|je|jeweils|chacun\w*|cada (?:un[ao]))?\s*{_N}\s?(?:mm)?\s?[x×*]\s?{_N}"
    rf"|(?:each|je|jeweils|chacune?|cada (?:un[ao]?|pad)|de)\s+(?:pad |of |de |size )?{_N}\s?(?:mm)?\s?[x×*]\s?{_N}|{_N}\s?(?:mm)?\s?[x×*]\s?{_N}\s?(?:mm)?\s+(?:smd |smt |rectangular |rect |oval )?{PAD_WORD}",
    re.IGNORECASE,
)  # fmt: skip
_ROUND = re.compile(
    rf"(?:(?:round|square|circular|runde?|quadrat\w+|ronde?s?|carré\w*|redond\w+|cuadrad\w+)\s+)?{PAD_WORD}(?:\s*,?\s+(?:diameters?|durchmesser|diamètre|diámetro|Ø|dia\.?|size|of|de|von|are|=|:|with|mit)){{0,3}}\s*{_N}\s?mm|"
    rf"{PAD_WORD}(?:\s+[a-zà-ÿ]+){{1,3}}\s*,?\s+(?:diameters?|durchmesser|diamètre|diámetro|Ø|dia\.?)\s*(?:of |de |von |= ?)?{_N}\s?mm|"
    rf"{_N}\s?mm\s+(?:diameter |round |square |runde? |copper |annular )?{PAD_WORD}|{PAD_WORD}\s+(?:round|square)?\s*Ø\s?{_N}",
    re.IGNORECASE,
)  # fmt: skip
_DRILL_WORD = r"(?:holes?|drills?|drilled|drilling|bohr\w+|lochdurchmesser|löcher|perçages?|perçés?|trous?|agujeros?|taladros?|perforaci\w+)"
_DRILL = re.compile(
    rf"{_DRILL_WORD}(?:\s+(?:of|size|diameter|de|von|mit|durchmesser|diamètre|diámetro|each|with|is|=|:|Ø|ø)){{0,3}}\s*[Øø]?\s*{_N}\s?mm|{_N}\s?mm[ -](?:plated |finished |diameter |diam\w* |deep |round |de diámetro )?{_DRILL_WORD}",
    re.IGNORECASE,
)  # fmt: skip
_APART = re.compile(
    rf"(?:pitch|pas|raster\w*|paso|spacing|spaced|entraxe|apart|distance|abstand|mittenabstand|separaci[óo]n|separad[oa]s?|cent(?:re|er)s?(?:[- ]to[- ]cent(?:re|er)s?)?|entre cent\w+|distancia|espac\w+|lead spacing|distants?)"
    rf"(?:\s+(?:of|de|von|at|by|is|are|to|a|zu|entre|between|pads|pines|centros?|centres|centers?|=|:|on)){{0,4}}\s*{_N}\s?(?:mm)?(?:\s?(?:[x×*]|by|and|und|et|y)\s?{_N}\s?mm)?"
    rf"|{_N}\s?(?:mm)?(?:\s?(?:[x×*])\s?{_N}\s?mm)?[ -](?:pitch|apart|spacing|raster|abstand|auseinander|cent(?:re|er)|between cent\w+|de paso|d'entraxe|de separaci[óo]n|entre cent\w+|mittenabstand|lead spacing|row)",
    re.IGNORECASE,
)  # fmt: skip
_GAP = re.compile(
    rf"(?:gaps?|edge[- ]to[- ]edge|lücke|spalt|espace libre|hueco)\s+(?:of |de |von |between (?:the |them |pads )*|is |= ?)*{_N}\s?mm|{_N}\s?mm\s+(?:gap|edge[- ]to[- ]edge|lücke|spalt|(?:clear|free) (?:space|distance))",
    re.IGNORECASE,
)
"""How far the edges of two pads are apart."""
_ROWS_OF = re.compile(
    rf"(two|2|zwei|deux|dos)[- ](?:rows?|reihen?|rangées?|filas|hileras)(?: of| von| mit| de| à| zu)?(?: je)? (\d{{1,3}}|{'|'.join(_WORDS)})(?![\d.,]| ?mm)",
    re.IGNORECASE,
)
_ROWS = re.compile(
    r"(two|2|zwei|beiden?|deux|dos)[- ](?:rows?|reihen?|rangées?|filas|hileras)|(?<![\w.])([1-9]\d?)\s?[x×]\s?([1-9]\d?)(?!\s?[.,]?\d|\s?mm)\b",
    re.IGNORECASE,
)
_ROW_PITCH = re.compile(
    rf"{_N}\s?mm (?:between|zwischen|entre) (?:the |den |les |las )?(?:rows?|reihen|rangées|filas)|(?:row (?:pitch|spacing|distance)|rows|reihenabstand|reihen|rangées|filas)\s+"
    rf"(?:of |are |spaced |is |im abstand |im abstand von |espacées de |distantes de |separadas? )?{_N}\s?mm", re.IGNORECASE,
)  # fmt: skip
_CIRCLES = re.compile(
    r"\b(?:round|circular|runde\w?|kreisrund\w*|ronde?s?|circulaires?|redond\w+|circular\w*|oval\w*|oblong\w*)\s+(?:[\w-]+\s+){0,2}?(?:[a-zà-ÿ-]{2,12})?"
    r"(?:pads?|lands?|pastill\w+|plages?|lötpads?)|(?:pads?|pastill\w+)\s+(?:[a-zà-ÿ]+\s+){0,2}(?:round|circular|rondes?|redondas?|circulaires?)(?!\w)",
    re.IGNORECASE,
)
_DIAMETER = re.compile(r"\bdiameters?\b|durchmesser|diamètre|diámetro|[Øø]|\bdia\b", re.IGNORECASE)
_VERTICAL = re.compile(r"vertical\w*|senkrecht|übereinander|untereinander|one above|stacked|in a column", re.IGNORECASE)
_SURFACE = re.compile(
    r"\bsmd\b|\bsmt\b|surface[- ]?mount\w*|oberflächen\w*|montage en surface|cms\b|montaje superficial", re.IGNORECASE
)
_THROUGH = re.compile(
    r"through[- ]?hole|\btht\b|\bth\b|thru|durchsteck\w*|bedrahtet|traversant\w*|agujero pasante|plated holes?|dip\b",
    re.IGNORECASE,
)
_MOUNT = re.compile(
    r"mounting[- ]?holes?|befestigungs\w+|montageloch|trou de (?:fixation|montage)|agujero de (?:montaje|fijación)|taladro de montaje",
    re.IGNORECASE,
)
_SCREW = {"1.6": (1.8, 3.6), "2": (2.2, 4.4), "2.5": (2.7, 5.4), "3": (3.2, 6.4), "3.5": (3.7, 7.0), "4": (4.3, 8.6), "5": (5.3, 10.6), "6": (6.4, 12.0)}  # fmt: skip


def metric(text: str) -> str:
    """A text with its lengths in millimetres: "100 mil", "0.1 inch", "650 µm", ".65"."""
    factor = {
        "mi": 0.0254,
        "th": 0.0254,
        "in": 25.4,
        "zo": 25.4,
        "po": 25.4,
        "pu": 25.4,
        '"': 25.4,
        "''": 25.4,
        "cm": 10.0,
        "µm": 0.001,
        "um": 0.001,
        "μm": 0.001,
    }

    def turned(match: re.Match[str]) -> str:
        one = float(match[1].replace(",", "."))
        value = one / float(match[2]) if match[2] else one
        by = factor[match[3].lower() if match[3].lower() in factor else match[3].lower()[:2]]
        return f"{round(value * by, 4):g} mm"

    text = re.sub(r"(?<![\d.,\w])[.,](\d{1,3})(?!\d)", r"0.\1", text)
    pair = r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,4})?)\s?[x×*]\s?(\d{1,4}(?:[.,]\d{1,4})?)\s?-?(mils?|thou|inch(?:es)?|zoll)(?!\w)"
    text = re.sub(pair, r"\1 \3 x \2 \3", text, flags=re.IGNORECASE)
    return re.sub(
        r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,4})?)(?:/(\d{1,2}))?[\s-]?(mils?|thou|inch(?:es)?|in(?=\s?(?:pitch|apart|spacing|wide|row|lead|x\b))|zoll|pouces?|pulgadas?|\"|''|cm|µm|um|μm)(?!\w)",
        turned, text, flags=re.IGNORECASE,
    )  # fmt: skip


def _first(pattern: re.Pattern[str], text: str) -> tuple[float, ...]:
    found = pattern.search(text)
    return tuple(float(part.replace(",", ".")) for part in found.groups() if part) if found else ()


def drill_of(text: str) -> float:
    """The hole that a text states, in millimetres; 0 for none."""
    return next(iter(_first(_DRILL, text)), 0.0)


def size_of(text: str) -> tuple[float, float] | None:
    """The size of a pad that a text states, width and height in millimetres."""
    wide, tall = _first(_WIDE, text), _first(_TALL, text)
    if wide and tall and re.search(PAD_WORD, text, re.IGNORECASE):
        return wide[0], tall[0]
    if size := _first(_SIZE, text):
        return size[0], size[1]
    if across := _first(_ROUND, text):
        return across[0], across[0]
    return None


def count_of(text: str) -> int:
    """How many pads a text states; 0 if it doesn't."""
    if rows := _ROWS_OF.search(text):
        return 2 * (_WORDS.get(rows[2].lower()) or int(rows[2]))
    found = _COUNT.search(text)
    return (_WORDS.get(found[1].lower()) or int(found[1])) if found else 0


def wants_round(text: str) -> bool:
    """Whether a text asks for pads that are circles or ovals."""
    return _CIRCLES.search(text) is not None


def is_mounting(text: str) -> bool:
    """Whether a text asks for a hole for a screw."""
    return _MOUNT.search(text) is not None


def on_surface(text: str) -> bool | None:
    """Whether a text wants pads on the surface (True) or holes (False); None if it doesn't say."""
    surface, through = _SURFACE.search(text), _THROUGH.search(text)
    return None if bool(surface) == bool(through) else bool(surface)


def _by_rows(text: str) -> bool:
    """Whether pads 1 and 2 stand side by side, 3 and 4 in the row below."""
    return re.search(
        r"(?<!\d)1 (?:is |liegt |est |está )?(?:über|over|above|au-dessus d[eu]|encima de|opposite|gegenüber) (?:pad |von )?3(?!\d)|row by row|zeilenweise|"
        r"(?<!\d)1 (?:and|und|et|y) 2 [^.;]{0,60}(?<!\d)3 (?:and|und|et|y) 4(?!\d)", text, re.IGNORECASE,
    ) is not None  # fmt: skip


def plan(text: str) -> dict[str, Any] | None:
    """The plan of a footprint from the sizes of its pads; None if the text doesn't state them. Raises Impossible."""
    if _MOUNT.search(text):
        return _mounting(text)
    size, drill = size_of(text), drill_of(text)
    if size is None and drill:
        size = (round(drill + 0.8, 2),) * 2
    if size is None:
        return None
    stated = count_of(text)
    count = stated or 1
    columns, rows = count, 1
    grid = _ROWS.search(text)
    if (
        grid
        and grid[2]
        and int(grid[2]) * int(grid[3]) in (count, int(grid[2]) * int(grid[3]))
        and (not stated or int(grid[2]) * int(grid[3]) == count)
    ):
        rows, columns = int(grid[2]), int(grid[3])
    elif grid and grid[1] and count % 2 == 0:
        rows, columns = 2, count // 2
    rest = text
    for pattern in (_ROWS_OF, _SIZE, _DRILL):
        rest = pattern.sub(" ; ", rest, count=1)
    gap = _GAP.search(rest)
    if gap and not re.search(r"cent(?:re|er)", gap[0], re.IGNORECASE):
        across: tuple[float, ...] = (round(size[0] + float((gap[1] or gap[2]).replace(",", ".")), 4),)
    else:
        across = _first(_APART, rest)
    if both := re.search(
        rf"{_N}\s?mm (?:horizontal\w*|in x|waagrecht|horizontalement)\W+(?:(?:and|und|et|y|x|by)\W+)?{_N}\s?mm (?:vertical\w*|in y|senkrecht|verticalement)|{_N}\s?mm between (?:the )?columns\W+(?:and\W+)?{_N}\s?mm between (?:the )?rows",
        text,
        re.IGNORECASE,
    ):
        across = (float((both[1] or both[3]).replace(",", ".")), float((both[2] or both[4]).replace(",", ".")))
    if not across and count > 1:
        raise Impossible(
            "how far apart the pads are isn't said; such as a pitch of 2.54 mm, or 5 mm between their centres"
        )
    if across and not stated and columns * rows == 1:
        count = columns = 2  # what has a pitch has more than one pad
    pitch_x = across[0] if across else 0.0
    pitch_y = across[1] if len(across) > 1 else pitch_x
    if len(across) > 1 and count == 4:
        columns, rows = 2, 2
    if rows > 1 and (between := _first(_ROW_PITCH, rest)):
        pitch_y = between[0]
    if rows == 1 and columns > 1 and _VERTICAL.search(text):
        columns, rows, pitch_x, pitch_y = 1, columns, 0.0, pitch_x
    wanted = on_surface(text)
    if wanted is False and not drill:
        drill = round(min(size) * 0.6, 2)
    package = {
        "family": "PadGrid",
        "columns": columns,
        "rows": rows,
        "pitch_x": pitch_x,
        "pitch_y": pitch_y,
        "width": size[0],
        "height": size[1],
        "drill": drill,
        "by_rows": columns > 2 or (columns == rows == 2 and _by_rows(text)),
    }
    if wants_round(text) or (not drill and size[0] == size[1] and _DIAMETER.search(text)):
        package["round"] = True
    kind = "TH" if drill else "SMD"
    name = f"Pads_{kind}_{columns}x{rows}_{size[0]:g}x{size[1]:g}mm" + (
        f"_P{pitch_x or pitch_y:g}mm" if count > 1 else ""
    )
    return {"name": name, "package": package}


def _mounting(text: str) -> dict[str, Any]:
    screw = re.search(r"\bM(1[.,]6|2[.,]5|3[.,]5|[2-6])\b", text)
    usual = _SCREW[screw[1].replace(",", ".")] if screw else (0.0, 0.0)
    drill = drill_of(text) or usual[0]
    size = size_of(text)
    if not drill:
        raise Impossible("how wide the mounting hole is isn't said; such as M3, or a drill of 3.2 mm")
    land = size[0] if size else usual[1] or 2 * drill
    if re.search(
        r"non[- ]?plated|npth|not plated|unplated|nicht metallisiert|non métallisé|no metalizado|without (?:a )?pad|no pad",
        text,
        re.IGNORECASE,
    ):
        raise Impossible("holes without copper aren't made here; a plated one with its pad is")
    package = {
        "family": "PadGrid",
        "columns": 1,
        "rows": 1,
        "pitch_x": 0.0,
        "pitch_y": 0.0,
        "width": land,
        "height": land,
        "drill": drill,
    }
    return {"name": f"MountingHole_{drill:g}mm_Pad{land:g}mm", "package": package}
