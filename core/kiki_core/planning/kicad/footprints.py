"""Footprints from requests: a usual package by its name, else one from the dimensions that the text states."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.kicad import pads
from kiki_core.planning.kicad.leaded import Wish, around, diode, dpak, exact, gull, row, size, sot, transistor
from kiki_core.planning.kicad.sheet import Impossible
from kiki_tools.kicad.packages import STANDARD

_PIN_COUNT = re.compile(
    r"(?<![\w.])(\d{1,3})[- ]?(?:pins?|leads?|broches?|pads?|balls?|polig\w*|pines?|anschlüss\w*|contacts?|way|positions?|terminals?|pôles)",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"(?<![\w.])(\d{1,2}(?:[.,]\d{1,3})?)\s?(?:mm)?\s?[x×*]\s?(\d{1,2}(?:[.,]\d{1,3})?)\s?(?:mm)?", re.IGNORECASE
)
_PITCH = re.compile(r"(?:pitch|pas|\brm|raster\w*|rastermaß|paso|spacing|lead spacing|entraxe|separación(?: entre (?:pines|patillas|terminales))?|abstand|mittenabstand)\W{0,3}(?:of|de|von|=|:|is)?\s?(\d{1,2}(?:[.,]\d{1,3})?)\s?(mm|mil|mils)?|"
                    r"(?<![\d.,x×*])(?<![x×*]\s)(\d{1,2}(?:[.,]\d{1,3})?)\s?(mm|mil|mils)?[- ]?(?:pitch|pas\b|raster|de paso|d'entraxe|entre (?:patillas|pines|pattes|broches)|between (?:the )?(?:pins|leads)|zwischen den (?:pins|beinen|anschlüssen)|spacing|apart|abstand|de separación|lead spacing)|\bP(\d(?:\.\d+)?)(?:mm)?\b", re.IGNORECASE)  # fmt: skip
_PAD = re.compile(r"(?:exposed|thermal|center|centre|EP\b|e-?pad|heat|thermique|central|wärme\w*|térmico|expuesto)\D{0,26}?(\d(?:[.,]\d+)?)\s?(?:mm)?\s?(?:[x×]\s?(\d(?:[.,]\d+)?)\s?(?:mm)?)?|"
                  r"(\d(?:[.,]\d+)?)\s?(?:mm)?\s?[x×]\s?(\d(?:[.,]\d+)?)\s?(?:mm)?\s?(?:exposed|thermal|center|EP\b|e-?pad|pad thermique)", re.IGNORECASE)  # fmt: skip
_CHIP = re.compile(r"(?<!\d)(0201|0402|0603|0805|1206|1210|1812|2010|2512)(?!\d)")
_METRIC = {"0201": "0603", "0402": "1005", "0603": "1608", "0805": "2012", "1206": "3216", "1210": "3225", "1812": "4532",
           "2010": "5025", "2512": "6332"}  # fmt: skip
_FAMILY = re.compile(
    r"\b(htssop|tssop|vssop|qsop|ssop|msop|hsop|soic|sop|so|pdip|cdip|dip|dil|lqfp|tqfp|pqfp|qfp|vqfn|wqfn|ufqfpn|uqfn|qfn|mlf|wson|vson|udfn|dfn|son|bga|lga|wlcsp)[- ]?(\d{1,3})?(?![\d.])",
    re.IGNORECASE,
)


_FAR = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?\s?(?:km|m|dm|metres?|meters?|feet|ft)(?![\w²/.])")
"""Lengths that no package has."""


_HEADER = re.compile(r"pin ?header|\bheader\b|stiftleiste|barrette|pin ?strip|tira de pines|pinheader")


def names_package(text: str) -> bool:
    """Whether a text names a package with its number of leads."""
    found = _FAMILY.search(text)
    if found is not None and found.group(2) is not None:
        return True
    return re.search(r"\b(?:SOT|SOD|TO|DO)-?\d{2,3}|\b[12]\s?x\s?\d{1,2}\b.{0,40}\bheader\b", text) is not None


def plan(text: str) -> dict[str, Any]:
    """The plan of a footprint (as the generator's schema has it). Raises Impossible."""
    text = pads.metric(text)
    if far := _FAR.search(text):
        raise Impossible(f"{far[0].strip()} isn't a length of a package: give it in millimetres or mils")
    made = _as_stated(_package(text), text)
    density = re.search(r"(?:density|densité|dichte)(?: level)?\s*[:=]?\s*([ABC])\b|\blevel ([ABC])\b", text)
    if density:
        made["density"] = density.group(1) or density.group(2)
    elif re.search(
        r"hand[- ]solder|soudure à la main|handlöt|soldadura manual|least dense|most copper", text, re.IGNORECASE
    ):
        made["density"] = "A"
    named = re.search(r"(?:called|named|nommée?|namens|llamad[oa])\s+[\"'`«]?([\w.-]{2,60})", text, re.IGNORECASE)
    if named and named.group(1).strip(".").lower() not in ("the", "a"):
        made["name"] = named.group(1).strip(".")
    made["description"] = " ".join(text.split())[:120]
    return made


def _as_stated(made: dict[str, Any], text: str) -> dict[str, Any]:
    """A package in rows of pins with the hole and the pitch that the text states, where its own are other ones."""
    package = made["package"]
    if not isinstance(package, dict) or package.get("family") != "PinRows":
        return made
    hole, pitch = pads.drill_of(text) or package["drill"], _wish(text).pitch
    copper = pads.size_of(text)
    if package["rows"] == 1 and pitch and pitch != package["pitch"] and made["name"].startswith("TO-"):
        package = {**package, "pitch": pitch, "row_pitch": pitch, "body_y": round(package["pins"] * pitch, 3)}
        made = {**made, "name": re.sub(r"P[\d.]+mm", f"P{pitch:g}mm", made["name"])}
    if abs(hole - package["drill"]) > 0.005:
        land = max(copper) if copper else min(max(package["land"], hole + 0.4), round(package["pitch"] - 0.25, 2))
        package = {**package, "drill": hole, "land": round(land, 2), "lead": round(min(package["lead"], hole - 0.1), 2)}
    return {**made, "package": package}


def _number(text: str | None) -> float:
    return float(text.replace(",", ".")) if text else 0.0


def _wish(text: str) -> Wish:
    exposed = _PAD.search(text)
    metal: tuple[float, float] | None = None
    rest = text
    if exposed:
        one = _number(exposed.group(1) or exposed.group(3))
        metal = (one, _number(exposed.group(2) or exposed.group(4)) or one)
        rest = text[: exposed.start()] + " " + text[exposed.end() :]
    pitch = 0.0
    if found := _PITCH.search(rest):
        pitch = _number(found.group(1) or found.group(3) or found.group(5))
        if (found.group(2) or found.group(4) or "").lower().startswith("mil") or pitch >= 20:
            pitch = round(pitch * 0.0254, 4)
        rest = rest[: found.start()] + " " + rest[found.end() :]
    count = _PIN_COUNT.search(text)
    size = next(
        ((_number(m[1]), _number(m[2])) for m in _SIZE.finditer(rest) if _number(m[1]) >= 0.9),
        None,
    )
    return Wish(int(count.group(1)) if count else 0, pitch, size, metal)


def _package(text: str) -> dict[str, Any]:
    wish = _wish(text)
    lower = text.lower()
    if _HEADER.search(lower) and (pads.size_of(text) or pads.drill_of(text)):
        return _header(text, wish)
    if ((pads.size_of(text) and not _FAMILY.search(text)) or pads.is_mounting(text)) and (stated := pads.plan(text)):
        return stated
    if (
        re.search(
            r"header|stiftleiste|barrette|pin ?strip|tira de pines|pinheader|conector de pines|broches? mâles?|male pins",
            lower,
        )
        or re.search(r"\b[12]\s?x\s?\d{1,2}\b.*(?:2[.,]54|header|conn)", lower)
        or _is_row(lower)
    ):
        return _header(text, wish)
    if found := re.search(r"sot[- ]?(323|363|353|143|523|723|553|563|666|223|23|89)(?:[- ]?(\d))?(?!\d)", lower):
        return sot(found.group(1), found.group(2) or "", wish)
    if found := re.search(r"\b(?:to-?(252|263)|(d2pak|d²pak)|dpak)\b", lower):
        return dpak("263" if found.group(1) == "263" or found.group(2) else "252")
    if re.search(r"sc-?70", lower):
        return sot("323", "5" if wish.pins == 5 else "6" if wish.pins == 6 else "", wish)
    if found := re.search(
        r"\b(sod-?123|sod-?323|sod-?523|do-?214ac|do-?214aa|do-?214ab|sma|smb|smc|minimelf|melf)\b", lower
    ):
        return diode(found.group(1).replace("-", ""))
    if found := re.search(r"to-?(92|220|247|126)\b", lower):
        return transistor(found.group(1))
    families = list(_FAMILY.finditer(text))
    family = next((each for each in families if each.group(2)), families[0] if families else None)
    if family is not None and not (_CHIP.search(text) and family.group(1).lower() in ("so",)):
        word = family.group(1).lower()
        made = _outline(word, int(family.group(2) or 0) or wish.pins, wish, text)
        if word.upper() not in made["name"] and len(word) > 3:
            made["name"] = made["name"].replace(_ALIASES[word], word.upper(), 1)
        return made
    if chip := _CHIP.search(text):
        return _chip(chip.group(1), lower)
    if re.search(r"terminal block|bornier|schraubklemme|screw terminal|klemmleiste|bornera", lower):
        pitch = wish.pitch or 5.08
        return row(f"TerminalBlock_1x{wish.pins or 2:02}_P{pitch:g}mm", wish.pins or 2, pitch, 8.0, 1.3, 2.4, 1.1)
    if re.search(r"\bjst\b|\bph\b|\bxh\b|wire-to-board", lower):
        pitch = wish.pitch or (2.5 if "xh" in lower else 2.0)
        return row(f"JST_1x{wish.pins or 2:02}_P{pitch:g}mm", wish.pins or 2, pitch, 5.0, 0.8, 1.5, 0.6)
    if re.search(r"radial|electrolytic|électrolytique|elko|electrolítico", lower):
        return _radial(text, wish)
    if re.search(r"axial", lower):
        pitch = wish.pitch or 10.16
        return row(f"Axial_P{pitch:g}mm", 2, pitch, 2.5, 0.8, 1.6, 0.6)
    if re.search(r"hc-?49|crystal|quartz|quarz|cristal", lower) and not wish.size:
        return row("Crystal_HC49_Vertical", 2, wish.pitch or 4.88, 4.7, 0.8, 1.5, 0.5)
    if wish.size and wish.pins and (wish.pitch or wish.pins in (2, 4)):
        return _from_dimensions(text, wish)
    if stated := pads.plan(text):
        return stated
    raise Impossible(
        "no package is named and its dimensions don't suffice; name one (SOIC-8, QFN-32 5x5 mm, 0603, 1x4 header) or give pins, pitch and body"
    )


def _standard(prefix: str, wish: Wish) -> dict[str, Any] | None:
    """A usual package that nothing in the text contradicts."""
    fits = []
    for name in STANDARD:
        if not name.startswith(prefix) or name.endswith("_ThermalVias"):
            continue
        body = re.search(r"_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)mm", name)
        if wish.size and body and sorted(wish.size) != sorted((float(body[1]), float(body[2]))):
            continue
        pitch = re.search(r"_P(\d+(?:\.\d+)?)mm", name)
        if wish.pitch and pitch and abs(float(pitch[1]) - wish.pitch) > 0.011:
            continue
        metal = re.search(r"_EP(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)mm", name)
        if wish.exposed and not metal:
            continue
        if wish.exposed and metal and (float(metal[1]), float(metal[2])) != wish.exposed:
            continue
        fits.append(name)
    return {"name": fits[0], "package": fits[0]} if fits else None


def _is_row(lower: str) -> bool:
    """Whether a connector's through-hole pins in a row are meant, of no named family."""
    connector = re.search(r"connect(?:or|eur)|conector|steckverbinder|stecker", lower)
    return connector is not None and re.search(r"through|tht\b|travers|durchsteck|pasante", lower) is not None


def _header(text: str, wish: Wish) -> dict[str, Any]:
    grid = re.search(r"\b([12])\s?[x×]\s?(\d{1,2})\b", text) or re.search(r"\b(\d{1,2})\s?[x×]\s?([12])\b", text)
    rows, per = 1, wish.pins or 0
    if grid:
        one, other = int(grid[1]), int(grid[2])
        rows, per = (one, other) if one <= 2 else (other, one)
    elif re.search(r"(?:dual|double|two|zwei|deux|dos)[- ]?(?:row|rang|reih|fil)", text, re.IGNORECASE):
        rows, per = 2, wish.pins // 2
    if not per:
        raise Impossible("how many pins the header has isn't said; such as 1x4 or 2x5")
    if per > 40:
        raise Impossible(f"a header of {per} pins in a row is longer than those that are sold (40)")
    spaced = re.search(r"(\d[.,]\d{1,2})\s?mm (?:both ways|in beide|dans les deux|en ambas)", text, re.IGNORECASE)
    pitch = wish.pitch or (_number(spaced[1]) if spaced else 2.54)
    female = re.search(r"female|socket|buchsenleiste|femelle|hembra", text, re.IGNORECASE)
    name = f"PinHeader_{rows}x{per:02}_P2.54mm_Vertical"
    hole, copper = pads.drill_of(text), pads.size_of(text)
    if (
        abs(pitch - 2.54) < 0.01
        and name in STANDARD
        and hole in (0.0, 1.0)
        and (copper is None or set(copper) == {1.7})
    ):
        return {"name": name.replace("PinHeader", "PinSocket") if female else name, "package": name}
    small = pitch < 1.6
    if copper and max(copper) > pitch - 0.1:
        raise Impossible(f"pads of {max(copper):g} mm touch each other at a pitch of {pitch:g} mm")
    package = {"family": "PinRows", "pins": rows * per, "rows": rows, "pitch": pitch, "row_pitch": pitch, "body_x": round(rows * pitch, 3),
               "body_y": round(per * pitch, 3), "lead": min(0.5 if small else 0.6, round(hole - 0.1, 2)) if hole else 0.5 if small else 0.6, "zigzag": True, "drill": hole or (0.65 if small else 0.8),
               "land": max(copper) if copper else round(min(max(1.5, hole + 0.6), pitch - 0.3), 2)}  # fmt: skip
    return {"name": f"PinHeader_{rows}x{per:02}_P{pitch:g}mm_Vertical", "package": package}


def _chip(code: str, lower: str) -> dict[str, Any]:
    letter = (
        "C"
        if re.search(r"capac|condens|kondens|\bcap\b|mlcc", lower)
        else "L"
        if re.search(r"induct|bobine|spule|ferrite|bead", lower)
        else "R"
    )
    lamp = re.search(r"\bled\b|diode", lower)
    name = f"{letter}_{code}_{_METRIC[code]}Metric"
    if lamp and f"R_{code}_{_METRIC[code]}Metric" in STANDARD:
        base = STANDARD[f"R_{code}_{_METRIC[code]}Metric"]
        sizes = {
            field: size(getattr(base, field).low, getattr(base, field).high)
            for field in ("length", "width", "terminal")
        }
        return {
            "name": f"LED_{code}_{_METRIC[code]}Metric",
            "package": {"family": "TwoTerminal", **sizes, "polarized": True},
        }
    if name not in STANDARD:
        name = next(
            (
                each
                for each in (f"C_{code}_{_METRIC[code]}Metric", f"R_{code}_{_METRIC[code]}Metric")
                if each in STANDARD
            ),
            "",
        )
    if not name:
        raise Impossible(f"the chip size {code} isn't known")
    return {"name": name, "package": name}


_ALIASES = {"so": "SOIC", "sop": "SOIC", "soic": "SOIC", "hsop": "SOIC", "tssop": "TSSOP", "htssop": "TSSOP", "vssop": "MSOP", "msop": "MSOP",
            "ssop": "SSOP", "qsop": "QSOP", "dip": "DIP", "pdip": "DIP", "cdip": "DIP", "dil": "DIP", "lqfp": "LQFP", "tqfp": "TQFP", "qfp": "LQFP",
            "pqfp": "LQFP", "qfn": "QFN", "vqfn": "QFN", "wqfn": "QFN", "ufqfpn": "QFN", "uqfn": "QFN", "mlf": "QFN", "dfn": "DFN", "udfn": "DFN",
            "wson": "DFN", "vson": "DFN", "son": "DFN", "bga": "BGA", "lga": "BGA", "wlcsp": "BGA"}  # fmt: skip


def _outline(word: str, pins: int, wish: Wish, text: str) -> dict[str, Any]:
    family = _ALIASES[word]
    if family == "BGA":
        return _balls(pins, wish, text)
    if not pins:
        raise Impossible(f"how many pins the {word.upper()} has isn't said; such as {family}-8")
    if family in ("LQFP", "TQFP", "QFN") and pins % 4:
        raise Impossible(
            f"a {word.upper()} has leads on four sides: {pins} can't be shared out evenly; {pins - pins % 4} or {pins + 4 - pins % 4} can"
        )
    if pins % 2:
        raise Impossible(f"a {word.upper()} has as many leads left as right: {pins} is odd")
    wide = re.search(r"wide|large|breit|ancho|7[.,]5 ?mm|7[.,]62 ?mm|\bSO(?:IC|P)?-?\d{1,2}W\b", text, re.IGNORECASE)
    if family == "DIP":
        stated = re.search(r"(?<![\d.,])(7[.,]62|10[.,]16|15[.,]24|22[.,]86)(?!\d)", text)
        narrow = re.search(r"narrow|skinny|schmal|étroit|estrech", text, re.IGNORECASE)
        width = _number(stated[1]) if stated else 15.24 if wide and pins >= 24 and not narrow else 7.62
        hole = pads.drill_of(text) or 0.8
        known = _standard(f"DIP-{pins}_W{width}", Wish(pins))
        if known and hole == 0.8:
            return known
        package = {"family": "PinRows", "pins": pins, "rows": 2, "pitch": 2.54, "row_pitch": width, "body_x": width - 1.27,
                   "body_y": pins // 2 * 2.54, "lead": round(min(0.6, hole - 0.2), 2), "drill": hole, "land": max(1.6, round(hole + 0.6, 2))}  # fmt: skip
        return {"name": f"DIP-{pins}_W{width}mm", "package": package}
    for prefix in (
        [f"SOIC-{pins}W_"]
        if wide and family == "SOIC"
        else [f"{family}-{pins}_", f"{family}-{pins}-", f"SOIC-{pins}W_" if family == "SOIC" else "~"]
    ):
        if known := _standard(prefix, wish):
            if (
                re.search(r"thermal vias|vias thermiques|thermische vias|vías térmicas|\bvias\b", text, re.IGNORECASE)
                and f"{known['package']}_ThermalVias" in STANDARD
            ):
                known = {"name": f"{known['package']}_ThermalVias", "package": f"{known['package']}_ThermalVias"}
            return known
    return _computed(family, pins, wish, bool(wide))


def _computed(family: str, pins: int, wish: Wish, wide: bool) -> dict[str, Any]:
    """A package that isn't among the usual ones, from its dimensions or those that its family has."""
    if family in ("SOIC", "TSSOP", "SSOP", "MSOP", "QSOP"):
        pitch = wish.pitch or {"SOIC": 1.27, "TSSOP": 0.65, "SSOP": 0.65, "MSOP": 0.65, "QSOP": 0.635}[family]
        across = {"SOIC": 7.5 if wide else 3.9, "TSSOP": 4.4, "SSOP": 5.3, "MSOP": 3.0, "QSOP": 3.9}[family]
        span = {"SOIC": 10.3 if wide else 6.0, "TSSOP": 6.4, "SSOP": 7.8, "MSOP": 4.9, "QSOP": 6.0}[family]
        body = (
            (min(wish.size), max(wish.size))
            if wish.size
            else (across, 3.0 if family == "MSOP" and pins <= 10 else round(pins // 2 * pitch + 0.2, 2))
        )
        if body[0] == body[1] and wish.size:
            body = wish.size
        span += body[0] - across
        _check_room(pins // 2, pitch, body[1])
        width = (pitch * 0.28, pitch * 0.42)
        package = gull(pins, body, round(span, 2), pitch, width, (0.4, 0.8) if pitch < 1 else (0.4, 1.27))
        if wish.exposed:
            package["exposed"] = {"width": wish.exposed[0], "height": wish.exposed[1]}
        return {"name": f"{family}-{pins}_{body[0]:g}x{body[1]:g}mm_P{pitch:g}mm", "package": package}
    side = pins // 4
    pitch = wish.pitch or 0.5
    if family in ("LQFP", "TQFP"):
        body = wish.size or (_rounded(side * pitch + 1.5), _rounded(side * pitch + 1.5))
        _check_room(side, pitch, min(body))
        package = {"family": "GullWing", "body_x": around(body[0], 0.1), "body_y": around(body[1], 0.1), "span_x": exact(body[0] + 2),
                   "span_y": exact(body[1] + 2), "lead": size(0.45, 0.75), "lead_width": size(pitch * 0.34, pitch * 0.54),
                   "pitch": pitch, "left": side, "bottom": side}  # fmt: skip
        if wish.exposed:
            package["exposed"] = {"width": wish.exposed[0], "height": wish.exposed[1]}
        return {"name": f"{family}-{pins}_{body[0]:g}x{body[1]:g}mm_P{pitch:g}mm", "package": package}
    left, bottom = (side, side) if family == "QFN" else (pins // 2, 0)
    body = wish.size or (_rounded(left * pitch + 1), _rounded(left * pitch + 1))
    _check_room(left, pitch, body[1])
    if bottom:
        _check_room(bottom, pitch, body[0])
    metal = wish.exposed or (round(body[0] * 0.6, 2), round(body[1] * 0.6, 2))
    if metal[0] > body[0] - 0.9 + (0.5 if not bottom else 0) or metal[1] > body[1] - (0.9 if bottom else 0.0):
        raise Impossible(
            f"an exposed pad of {metal[0]:g} x {metal[1]:g} mm leaves no room for the contacts of a body of {body[0]:g} x {body[1]:g} mm"
        )
    package = {"family": "NoLead", "body_x": around(body[0], 0.1), "body_y": around(body[1], 0.1), "lead": size(0.3, 0.5),
               "lead_width": size(pitch * 0.36, pitch * 0.56), "pitch": pitch, "left": left, "bottom": bottom,
               "exposed": {"width": metal[0], "height": metal[1]}}  # fmt: skip
    name = f"{family}-{pins}-1EP_{body[0]:g}x{body[1]:g}mm_P{pitch:g}mm_EP{metal[0]:g}x{metal[1]:g}mm"
    return {"name": name, "package": package}


def _rounded(value: float) -> float:
    return float(round(value))


def _check_room(count: int, pitch: float, length: float) -> None:
    need = (count - 1) * pitch + 0.3 * pitch
    if need > length + 0.01:
        raise Impossible(
            f"{count} leads at a pitch of {pitch:g} mm take {need:.3g} mm; the body's side has {length:g} mm"
        )


def _balls(pins: int, wish: Wish, text: str) -> dict[str, Any]:
    grid = re.search(
        r"(?<![\d.])(\d{1,2})\s?[x×]\s?(\d{1,2})(?![\d.]|\s?mm)\s*(?:grid|balls?|array|matrix|matrice|raster|matriz)?",
        text,
        re.IGNORECASE,
    )
    pitch = wish.pitch or 0.8
    if grid:
        columns, rows = int(grid[1]), int(grid[2])
    elif pins and round(pins**0.5) ** 2 == pins:
        columns = rows = round(pins**0.5)
    else:
        raise Impossible(f"{pins or 'no'} balls aren't a square; say the columns and rows, such as 8x8")
    body = (
        wish.size if wish.size and wish.size[0] > columns * pitch * 0.8 else (columns * pitch + 0.4, rows * pitch + 0.4)
    )
    package = {"family": "BallGrid", "body_x": round(body[0], 2), "body_y": round(body[1], 2), "columns": columns, "rows": rows, "pitch": pitch,
               "ball": round(pitch * 0.55, 2)}  # fmt: skip
    return {"name": f"BGA-{columns * rows}_{columns}x{rows}_P{pitch:g}mm", "package": package}


def _radial(text: str, wish: Wish) -> dict[str, Any]:
    diameter = re.search(
        r"(?:diameter|diamètre|durchmesser|diámetro|Ø|⌀|\bD)\s?(?:of|de|=|:)?\s?(\d{1,2}(?:[.,]\d)?)|(\d{1,2}(?:[.,]\d)?)\s?mm (?:de diámetro|de diamètre|diameter|diamètre|Durchmesser|Ø)",
        text,
        re.IGNORECASE,
    )
    across = _number(diameter.group(1) or diameter.group(2)) if diameter else 0.0
    pitch = wish.pitch or {4: 1.5, 5: 2.0, 6.3: 2.5, 8: 3.5, 10: 5.0, 13: 5.0}.get(across, 2.5)
    return row(f"CP_Radial_D{across or 5:g}mm_P{pitch:g}mm", 2, pitch, across or 5.0, 0.8, 1.6, 0.6)


def _from_dimensions(text: str, wish: Wish) -> dict[str, Any]:
    """Contacts under the edges, or leads, as the text says; two terminals for two pins."""
    assert wish.size is not None
    if wish.pins == 2:
        length, width = max(wish.size), min(wish.size)
        package = {
            "family": "TwoTerminal",
            "length": around(length, 0.1),
            "width": around(width, 0.1),
            "terminal": size(length * 0.15, length * 0.3),
        }
        return {"name": f"Chip_{length:g}x{width:g}mm", "package": package}
    if wish.pins == 4 and not wish.pitch:
        length, width = max(wish.size), min(wish.size)
        made: dict[str, Any] = {"family": "NoLead", "body_x": around(length, 0.1), "body_y": around(width, 0.1), "lead": size(length * 0.3, length * 0.38),
                   "lead_width": size(width * 0.38, width * 0.46), "pitch": round(width * 0.6, 2), "left": 2}  # fmt: skip
        return {"name": f"Crystal_SMD-4_{length:g}x{width:g}mm", "package": made}
    family = (
        "QFN"
        if re.search(r"four sides|quad|quatre côtés|vier seiten|cuatro lados|no[- ]?lead", text, re.IGNORECASE)
        and wish.pins % 4 == 0
        else "SOIC"
    )
    return _computed(family, wish.pins, wish, False)
