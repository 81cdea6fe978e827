"""What KiCad itself writes into a list where nobody chose anything else: its defaults, as it saves them."""

from __future__ import annotations

from kiki_tools.kicad.schema import Form

_USUAL = {
    "paper": '"A4"',
    "embedded_fonts": "no",
    "exclude_from_sim": "no",
    "in_bom": "yes",
    "on_board": "yes",
    "dnp": "no",
    "fields_autoplaced": "yes",
    "sheet_instances/path": '"/" (page "1")',
    "page": '"1"',
    "stroke": "(width 0) (type default)",
    "stroke/type": "default",
    "fill/type": "none",
    "color": "0 0 0 0",
    "junction/diameter": "0",
    "effects": "(font (size 1.27 1.27))",
    "offset/xyz": "0 0 0",
    "rotate/xyz": "0 0 0",
    "scale/xyz": "1 1 1",
    "model/offset": "(xyz 0 0 0)",
    "model/rotate": "(xyz 0 0 0)",
    "model/scale": "(xyz 1 1 1)",
    "footprint/layer": '"F.Cu"',
    "legacy_teardrops": "no",
    "allow_soldermask_bridges_in_footprints": "no",
    "remove_unused_layers": "no",
    "roundrect_rratio": "0.25",
    "pad_to_mask_clearance": "0",
    "pcbplotparams/disableapertmacros": "false",
    "pcbplotparams/usegerberextensions": "false",
    "pcbplotparams/usegerberattributes": "true",
    "pcbplotparams/usegerberadvancedattributes": "true",
    "pcbplotparams/creategerberjobfile": "true",
    "pcbplotparams/dashed_line_dash_ratio": "12.000000",
    "pcbplotparams/dashed_line_gap_ratio": "3.000000",
    "pcbplotparams/svgprecision": "4",
    "pcbplotparams/plotframeref": "false",
    "pcbplotparams/viasonmask": "false",
    "pcbplotparams/mode": "1",
    "pcbplotparams/useauxorigin": "false",
    "pcbplotparams/hpglpennumber": "1",
    "pcbplotparams/hpglpenspeed": "20",
    "pcbplotparams/hpglpendiameter": "15.000000",
    "pcbplotparams/psnegative": "false",
    "pcbplotparams/psa4output": "false",
    "pcbplotparams/plotinvisibletext": "false",
    "pcbplotparams/sketchpadsonfab": "false",
    "pcbplotparams/subtractmaskfromsilk": "false",
    "pcbplotparams/outputformat": "1",
    "pcbplotparams/mirror": "false",
    "pcbplotparams/drillshape": "1",
    "pcbplotparams/scaleselection": "1",
    "pcbplotparams/outputdirectory": '""',
}
"""By a list's name, or by its parent's and its own."""
_WRITERS = {
    ".kicad_sch": "eeschema",
    ".kicad_pcb": "pcbnew",
    ".kicad_mod": "pcbnew",
    ".kicad_sym": "kicad_symbol_editor",
}


def usual(parent: Form, head: str, path: str) -> str:
    """What stands behind a list's name by default; empty where there is no such thing."""
    if head == "generator":
        return next((f'"{writer}"' for ending, writer in _WRITERS.items() if path.endswith(ending)), "")
    return _USUAL.get(f"{parent.head}/{head}", _USUAL.get(head, ""))
