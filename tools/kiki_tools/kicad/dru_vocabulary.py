"""The words of KiCad's custom design rules: constraints, objects, properties, functions and units, of KiCad 9 and 10.

Properties and functions are those that KiCad 9.0.8 answers to; `since` marks what came with KiCad 10. Case doesn't
matter in the names of properties and functions, but in those of objects, units and constraints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["length", "angle", "time", "number", "boolean", "string", "choice", "layer"]
"""What a property holds. Numbers are lengths (in nm, when a unit is missing), angles, times or plain."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A kind of constraint and what KiCad makes of its limits."""

    name: str
    documentation: str
    limits: tuple[str, ...] = ()
    """Those of ``min``, ``opt``, ``max`` that KiCad heeds; it accepts any of them."""
    unit: Literal["length", "angle", "count", "ratio", "length or time", "none"] = "length"
    """Angles and counts stand without a unit, lengths with one."""
    words: tuple[str, ...] = ()
    """The words that stand in place of limits."""
    options: tuple[str, ...] = ()
    replaced_by: str = ""
    since: int = 9


@dataclass(frozen=True, slots=True)
class Property:
    """What can be asked of an object: ``A.name``."""

    name: str
    kind: Kind
    documentation: str
    values: tuple[str, ...] = ()
    """All values of a choice; empty where they aren't listed here."""
    since: int = 9


@dataclass(frozen=True, slots=True)
class Function:
    """What can be asked of an object with arguments: ``A.name('x')``."""

    name: str
    documentation: str
    arguments: tuple[str, ...] = ()
    result: Literal["boolean", "string"] = "boolean"
    replaced_by: str = ""
    since: int = 9
    may_be_empty: bool = False
    """Whether KiCad makes sense of an empty argument."""


ITEMS: dict[str, str] = {
    "track": "Track segments and arcs.",
    "via": "Vias of every kind.",
    "through_via": "Vias through the whole board (KiCad 10).",
    "blind_via": "Vias from an outer to an inner layer (KiCad 10).",
    "buried_via": "Vias between inner layers; for KiCad 9 blind ones too.",
    "micro_via": "Laser-drilled vias between neighbouring layers.",
    "pad": "Pads of footprints.",
    "zone": "Copper zones.",
    "text": "Texts and text boxes.",
    "graphic": "Lines, arcs, circles, rectangles and polygons.",
    "hole": "Holes of pads and vias, plated or not.",
    "footprint": "Whole footprints.",
}
"""What ``disallow`` can name."""

NEW_ITEMS = frozenset({"through_via", "blind_via"})
"""Those that KiCad 9 refuses."""

CONNECTIONS: dict[str, str] = {
    "solid": "Pads join the zone over their whole edge.",
    "thermal_reliefs": "Pads join the zone through spokes.",
    "none": "Pads don't join the zone.",
}
"""What ``zone_connection`` can name."""

SEVERITIES: dict[str, str] = {
    "error": "A violation is an error.",
    "warning": "A violation is a warning.",
    "ignore": "These objects aren't checked.",
    "exclusion": "A violation counts as excluded.",
}

LAYER_GROUPS: dict[str, str] = {
    "outer": "The front and the back copper layer.",
    "inner": "All copper layers between them.",
}
"""Bare words for layers; quoted they would be the names of layers."""

UNITS: dict[str, str] = {
    "mm": "millimetre",
    "mil": "thousandth of an inch",
    "in": "inch",
    "deg": "degree",
    "fs": "femtosecond (KiCad 10)",
    "ps": "picosecond (KiCad 10)",
}
"""Spelt exactly so; between number and unit KiCad 9 wants no blank in constraints."""

UNIT_KINDS: dict[str, Kind] = {
    "mm": "length",
    "mil": "length",
    "in": "length",
    "deg": "angle",
    "fs": "time",
    "ps": "time",
}
NEW_UNITS = frozenset({"fs", "ps"})
"""Those that KiCad 9 doesn't know."""

UNIT_SLIPS: dict[str, str] = {
    "mils": "mil",
    "thou": "mil",
    "inch": "in",
    "inches": "in",
    '"': "in",
    "um": "mm (1000 um are 1mm)",
    "µm": "mm (1000 µm are 1mm)",
    "cm": "mm",
    "nm": "mm",
    "m": "mm",
    "°": "deg",
    "degrees": "deg",
    "ns": "ps",
}
"""Units that KiCad doesn't know here, and what to write instead."""

OBJECTS: dict[str, str] = {
    "A": "The first object under test, or the only one.",
    "B": "The second object under test, in checks of two.",
    "AB": "Both objects, for functions about a pair.",
    "L": "The layer under test: compare it with a layer's name.",
}

OPERATORS: dict[str, str] = {
    "==": "Equal; strings without regard to case, and `*` and `?` in the right one match anything.",
    "!=": "Not equal; false for an object that has no such property.",
    "<": "Less.",
    "<=": "Less or equal.",
    ">": "Greater.",
    ">=": "Greater or equal.",
    "&&": "Both hold. Binds weaker than `||`.",
    "||": "One of them holds. Binds stronger than `&&`.",
    "!": "Does not hold. Takes only what stands right behind it.",
    "+": "Sum.",
    "-": "Difference.",
    "*": "Product.",
    "/": "Quotient.",
}

_MIN = ("min",)
_MAX = ("max",)
_RANGE = ("min", "max")
_ALL = ("min", "opt", "max")

CONSTRAINTS: dict[str, Constraint] = {
    each.name: each
    for each in (
        Constraint("annular_width", "The width of the copper ring around the hole of a via or pad.", _RANGE),
        Constraint("assertion", "An expression that must be true for each object of the rule.", (), "none"),
        Constraint(
            "bridged_mask", "Openings of the solder mask that join copper of different nets.", (), "none", since=10
        ),
        Constraint("clearance", "The distance of copper of different nets; negative allows an overlap.", _MIN),
        Constraint("connection_width", "The least width of copper that joins two parts of a net.", _MIN),
        Constraint("courtyard_clearance", "The distance of the courtyards of two footprints.", _MIN),
        Constraint("creepage", "The distance of copper of different nets along the board's surface.", _MIN),
        Constraint("diff_pair_gap", "The gap between the coupled tracks of a differential pair.", _ALL),
        Constraint("diff_pair_uncoupled", "How far a differential pair may run without being coupled.", _MAX),
        Constraint("disallow", "Kinds of objects that may not be there.", (), "none", tuple(ITEMS)),
        Constraint(
            "edge_clearance", "The distance of objects from the board's edge; negative allows an overlap.", _MIN
        ),
        Constraint("hole", "The former name of hole_size.", _ALL, replaced_by="hole_size"),
        Constraint("hole_clearance", "The distance of a drilled hole from copper of another net.", _MIN),
        Constraint("hole_size", "The drilled diameter: the smaller one against min, the larger one against max.", _ALL),
        Constraint("hole_to_hole", "The distance of two mechanically drilled holes, edge to edge.", _MIN),
        Constraint("length", "The routed length of a net, or of a path named by fromTo().", _ALL, "length or time"),
        Constraint(
            "mechanical_clearance", "The former name of physical_clearance.", _MIN, replaced_by="physical_clearance"
        ),
        Constraint(
            "mechanical_hole_clearance",
            "The former name of physical_hole_clearance.",
            _MIN,
            replaced_by="physical_hole_clearance",
        ),
        Constraint("min_resolved_spokes", "How many spokes must join a pad to its zone.", (), "count"),
        Constraint("physical_clearance", "The distance of two objects on a layer, whatever their nets.", _MIN),
        Constraint("physical_hole_clearance", "The distance of a drilled hole from any other object.", _MIN),
        Constraint("silk_clearance", "The distance of silkscreen from other objects; negative allows overlap.", _MIN),
        Constraint(
            "skew",
            "The difference in length to the longest of the nets.",
            _ALL,
            "length or time",
            (),
            ("within_diff_pairs",),
        ),
        Constraint("solder_mask_expansion", "How far the mask opening reaches beyond the copper.", ("opt",), since=10),
        Constraint("solder_paste_abs_margin", "How far the paste reaches beyond the pad.", ("opt",), since=10),
        Constraint(
            "solder_paste_rel_margin",
            "How far the paste reaches beyond the pad, relative to its size.",
            ("opt",),
            "ratio",
            since=10,
        ),
        Constraint("text_height", "The height of texts.", _RANGE),
        Constraint("text_thickness", "The thickness of the strokes of texts.", _RANGE),
        Constraint("thermal_relief_gap", "The gap between a pad and the zone that spokes join it to.", _MIN),
        Constraint("thermal_spoke_width", "The width of the spokes between a pad and its zone.", _ALL),
        Constraint("track_angle", "The angle in degrees between two joined tracks, without a unit.", _RANGE, "angle"),
        Constraint("track_segment_length", "The length of single track segments and arcs.", _RANGE),
        Constraint("track_width", "The width of tracks and arcs.", _ALL),
        Constraint("via_count", "How many vias a net has.", _RANGE, "count"),
        Constraint("via_dangling", "Vias that join fewer than two layers.", (), "none", since=10),
        Constraint("via_diameter", "The diameter of vias.", _RANGE),
        Constraint("zone_connection", "How pads join a zone.", (), "none", tuple(CONNECTIONS)),
    )
}

TYPES = (
    *("Track", "Via", "Pad", "Zone", "Footprint", "Graphic", "Text", "Text Box", "Table", "Table Cell", "Dimension"),
    *("Leader", "Group", "Generator", "Bitmap", "Reference Image", "Target", "Marker", "Barcode", "Point"),
)
"""Values of ``Type``; rule areas are zones, arcs of tracks are tracks, fields are texts."""

_FROM_RULES = "From design rules"
_ZONE_CONNECTIONS = ("Inherited", "None", "Thermal reliefs", "Solid", "Thermal reliefs for PTH")
_LINE_STYLES = ("Solid", "Dashed", "Dotted", "Dash-Dot", "Dash-Dot-Dot", "Default")
_FABRICATION = (
    *("None", "BGA pad", "Fiducial, global to board", "Fiducial, local to footprint", "Test point pad"),
    *("Heatsink pad", "Castellated pad", "Mechanical pad", "Press-fit pad"),
)
_PAD_SHAPES = ("Circle", "Rectangle", "Oval", "Trapezoid", "Rounded rectangle", "Chamfered rectangle", "Custom")
_FLATTENED = (
    "All copper layers",
    "Connected layers only",
    "Front, back and connected layers",
    "Start and end layers only",
)
PIN_TYPES = (
    *("Input", "Output", "Bidirectional", "Tri-state", "tri_state", "Passive", "Free", "Unspecified", "Power input"),
    *("power_in", "Power output", "power_out", "Open collector", "open_collector", "Open emitter", "open_emitter"),
    *("Unconnected", "no_connect"),
)
"""Pads of pins that are marked as unconnected have ``+no_connect`` behind it: match ``passive*``."""

PROPERTIES: dict[str, Property] = {
    each.name.lower(): each
    for each in (
        # Every object.
        Property("Type", "choice", "What the object is.", TYPES),
        Property("Layer", "layer", "The layer it is on; the first one of an object on several."),
        Property("Locked", "boolean", "Whether it is locked."),
        Property("Parent", "string", "The reference of the footprint it belongs to, else the board's identifier."),
        Property("Position_X", "length", "Where its origin is, from the left."),
        Property("Position_Y", "length", "Where its origin is, from the top."),
        # Copper.
        Property("Net", "number", "The number of its net: quick to compare with that of another object."),
        Property("NetName", "string", "The name of its net, with the path of its sheet."),
        Property("NetClass", "string", "Its net classes: equal to one of them, or to the whole list with commas."),
        Property("Net_Class", "string", "Its net classes, as a string with commas."),
        Property("Enable_Teardrops", "boolean", "Whether it gets teardrops."),
        Property("Curved_Teardrops", "boolean", "Whether its teardrops have curved edges."),
        Property("Best_Length_Ratio", "number", "The wanted length of its teardrops, relative to its size."),
        Property("Best_Width_Ratio", "number", "The wanted width of its teardrops, relative to its size."),
        Property("Max_Length", "length", "The greatest length of its teardrops."),
        Property("Max_Width", "length", "The greatest width of its teardrops."),
        Property(
            "Max_Width_Ratio", "number", "The width of tracks, relative to its size, from which on teardrops end."
        ),
        Property("Prefer_Zone_Connections", "boolean", "Whether a zone around it makes teardrops needless."),
        Property("Allow_Teardrops_To_Span_Two_Tracks", "boolean", "Whether teardrops may reach over two tracks."),
        # Tracks, arcs and shapes.
        Property("Start_X", "length", "Where a track or shape begins, from the left."),
        Property("Start_Y", "length", "Where a track or shape begins, from the top."),
        Property("End_X", "length", "Where a track or shape ends, from the left."),
        Property("End_Y", "length", "Where a track or shape ends, from the top."),
        Property("Width", "length", "The width of a track, or of the letters of a text."),
        Property("Soldermask", "boolean", "Whether a track is free of solder mask."),
        Property("Soldermask_Margin_Override", "length", "Its own margin of the solder mask; null if it has none."),
        # Vias.
        Property("Via_Type", "choice", "The kind of via.", ("Through", "Blind/buried", "Blind", "Buried", "Micro")),
        Property("Diameter", "length", "The diameter of a via."),
        Property("Hole", "length", "The diameter of a via's hole."),
        Property("Layer_Top", "layer", "The uppermost layer of a via."),
        Property("Layer_Bottom", "layer", "The lowest layer of a via."),
        Property("Front_tenting", "choice", "Mask over the via in front.", (_FROM_RULES, "Tented", "Not tented")),
        Property("Back_tenting", "choice", "Mask over the via on the back.", (_FROM_RULES, "Tented", "Not tented")),
        Property("Front_covering", "choice", "Cover of the via in front.", (_FROM_RULES, "Covered", "Not covered"), 10),
        Property(
            "Back_covering", "choice", "Cover of the via on the back.", (_FROM_RULES, "Covered", "Not covered"), 10
        ),
        Property("Front_plugging", "choice", "Plug of the via in front.", (_FROM_RULES, "Plugged", "Not plugged"), 10),
        Property(
            "Back_plugging", "choice", "Plug of the via on the back.", (_FROM_RULES, "Plugged", "Not plugged"), 10
        ),
        Property("Capping", "choice", "Cap over the via's filling.", (_FROM_RULES, "Capped", "Not capped"), 10),
        Property("Filling", "choice", "Filling of the via.", (_FROM_RULES, "Filled", "Not filled"), 10),
        # Pads.
        Property(
            "Pad_Type", "choice", "The kind of pad.", ("Through-hole", "SMD", "Edge connector", "NPTH, mechanical")
        ),
        Property("Pad_Shape", "choice", "The shape of a pad.", _PAD_SHAPES),
        Property("Pad_Number", "string", "The number of a pad, such as A1."),
        Property("Pin_Name", "string", "The name of the pin that a pad belongs to."),
        Property("Pin_Type", "choice", "The electrical type of the pin that a pad belongs to.", PIN_TYPES),
        Property("Size_X", "length", "The width of a pad."),
        Property("Size_Y", "length", "The height of a pad."),
        Property("Corner_Radius_Ratio", "number", "The radius of a pad's corners, relative to its shorter side."),
        Property("Corner_Radius_Size", "length", "The radius of a pad's corners."),
        Property("Hole_Shape", "choice", "The shape of a pad's hole.", ("Round", "Oblong")),
        Property("Hole_Size_X", "length", "The width of a pad's hole."),
        Property("Hole_Size_Y", "length", "The height of a pad's hole."),
        Property("Fabrication_Property", "choice", "What a pad is for, in making the board.", _FABRICATION),
        Property("Copper_Layers", "choice", "On which layers a pad keeps its copper.", _FLATTENED),
        Property("Pad_To_Die_Length", "length", "The length inside the package, which counts in the net's length."),
        Property("Pad_To_Die_Delay", "time", "The delay inside the package, which counts in the net's.", since=10),
        Property("Clearance_Override", "length", "The own clearance of a pad or footprint; null if it has none."),
        Property("Solderpaste_Margin_Override", "length", "The own margin of the paste; null if it has none."),
        Property("Solderpaste_Margin_Ratio_Override", "number", "The own relative margin of the paste; null if none."),
        Property("Zone_Connection_Style", "choice", "How a pad or footprint joins zones.", _ZONE_CONNECTIONS),
        Property("Thermal_Relief_Spoke_Width", "length", "The width of the spokes of a pad or zone."),
        Property("Thermal_Relief_Spoke_Angle", "angle", "The angle of a pad's spokes, in degrees."),
        Property("Thermal_Relief_Gap", "length", "The gap around pads that spokes join to a zone."),
        Property("Number_Box", "boolean", "Whether a shape in a pad holds its number."),
        Property("Thermal_Spoke_Template", "boolean", "Whether a shape in a pad tells where its spokes are."),
        # Footprints.
        Property("Orientation", "angle", "How a footprint, pad or text is turned, in degrees."),
        Property("Reference", "string", "The reference of a footprint; for what is in it, ask memberOfFootprint()."),
        Property("Value", "string", "The value of a footprint."),
        Property("Library_Link", "string", "LIBRARY:NAME of a footprint."),
        Property("Library_Description", "string", "The description of a footprint in its library."),
        Property("Keywords", "string", "The keywords of a footprint in its library."),
        Property("Component_Class", "string", "The component classes of a footprint, as a string with commas."),
        Property("ComponentClass", "string", "The component classes of a footprint: equal to one of them or to all."),
        Property("Not_in_Schematic", "boolean", "Whether a footprint has no symbol."),
        Property("Exclude_From_Position_Files", "boolean", "Whether a footprint is left out of placement files."),
        Property(
            "Exclude_From_Bill_of_Materials", "boolean", "Whether a footprint is left out of the bill of materials."
        ),
        Property("Do_not_Populate", "boolean", "Whether a footprint isn't assembled."),
        Property("Exempt_From_Courtyard_Requirement", "boolean", "Whether a footprint needs no courtyard."),
        # Zones and rule areas.
        Property("Name", "string", "The name of a zone or rule area, or of a footprint's field."),
        Property("Keep_Out_Tracks", "boolean", "Whether a rule area keeps out tracks."),
        Property("Keep_Out_Vias", "boolean", "Whether a rule area keeps out vias."),
        Property("Keep_Out_Pads", "boolean", "Whether a rule area keeps out pads."),
        Property("Keep_Out_Copper_Pours", "boolean", "Whether a rule area keeps out zones (KiCad 9)."),
        Property("Keep_Out_Zone_Fills", "boolean", "Whether a rule area keeps out zones (KiCad 10).", since=10),
        Property("Keep_Out_Footprints", "boolean", "Whether a rule area keeps out footprints."),
        Property("Enable", "boolean", "Whether a rule area places footprints."),
        Property("Source_Type", "choice", "What a rule area places.", ("Sheet Name", "Component Class", "Group")),
        Property("Source_Name", "string", "The sheet, class or group that a rule area places."),
        Property("Fill_Mode", "choice", "How a zone is filled.", ("Solid fill", "Hatch pattern", "Copper thieving")),
        Property("Hatch_Width", "length", "The width of the lines of a hatched zone."),
        Property("Hatch_Gap", "length", "The gap between the lines of a hatched zone."),
        Property("Hatch_Minimum_Hole_Ratio", "number", "The smallest hole of a hatched zone, relative to a whole one."),
        Property("Smoothing_Effort", "number", "How much the holes of a hatched zone are rounded, 0 to 3."),
        Property("Smoothing_Amount", "number", "How far the holes of a hatched zone are rounded, 0 to 1."),
        Property("Remove_Islands", "choice", "Which islands a zone drops.", ("Always", "Never", "Below area limit")),
        Property("Clearance", "length", "The clearance of a zone."),
        Property("Minimum_Width", "length", "The least width of a zone's copper."),
        Property("Pad_Connections", "choice", "How pads join a zone.", _ZONE_CONNECTIONS),
        # Shapes.
        Property("Shape", "choice", "What a shape is.", ("Segment", "Rectangle", "Arc", "Circle", "Polygon", "Bezier")),
        Property("Center_X", "length", "Where the centre of a circle is, from the left."),
        Property("Center_Y", "length", "Where the centre of a circle is, from the top."),
        Property("Radius", "length", "The radius of a circle."),
        Property("Corner_Radius", "length", "The radius of the corners of a rectangle.", since=10),
        Property("Height", "length", "The height of a rectangle, or of the letters of a text."),
        Property("Line_Width", "length", "The width of a shape's line."),
        Property("Line_Style", "choice", "How a shape's line is drawn.", _LINE_STYLES),
        Property("Filled", "boolean", "Whether a shape is filled (KiCad 9)."),
        Property(
            "Fill",
            "choice",
            "How a shape is filled (KiCad 10).",
            ("None", "Solid", "Hatch", "Reverse Hatch", "Cross-hatch"),
            10,
        ),
        # Texts, text boxes and tables.
        Property("Text", "string", "What a text says."),
        Property("Bold", "boolean", "Whether a text is bold."),
        Property("Italic", "boolean", "Whether a text is italic."),
        Property("Mirrored", "boolean", "Whether a text is mirrored."),
        Property("Visible", "boolean", "Whether a text is shown."),
        Property("Thickness", "length", "The thickness of a text's strokes."),
        Property("Keep_Upright", "boolean", "Whether a text is kept readable when its footprint is turned."),
        Property("Knockout", "boolean", "Whether a text is cut out of a filled box."),
        Property("Hyperlink", "string", "The address that a text leads to."),
        Property("Font", "number", "The font of a text."),
        Property("Horizontal_Justification", "choice", "How a text stands across.", ("Left", "Center", "Right")),
        Property("Vertical_Justification", "choice", "How a text stands along.", ("Top", "Center", "Bottom")),
        Property("Border", "boolean", "Whether a text box has a border."),
        Property("Border_Style", "choice", "How the border of a text box or table is drawn.", _LINE_STYLES),
        Property("Border_Width", "length", "The width of the border of a text box or table."),
        Property("Margin_Left", "length", "The margin at the left of a text box."),
        Property("Margin_Top", "length", "The margin at the top of a text box."),
        Property("Margin_Right", "length", "The margin at the right of a text box."),
        Property("Margin_Bottom", "length", "The margin at the bottom of a text box."),
        Property("External_Border", "boolean", "Whether a table has a border around it."),
        Property("Header_Border", "boolean", "Whether a table has a line below its header."),
        Property("Row_Separators", "boolean", "Whether a table has lines between its rows."),
        Property("Cell_Separators", "boolean", "Whether a table has lines between its columns."),
        Property("Separators_Width", "length", "The width of the lines in a table."),
        Property("Separators_Style", "choice", "How the lines in a table are drawn.", _LINE_STYLES),
        Property("Column_Width", "length", "The width of a table cell's column."),
        Property("Row_Height", "length", "The height of a table cell's row."),
        # Dimensions.
        Property("Prefix", "string", "What stands before a dimension's value."),
        Property("Suffix", "string", "What stands behind a dimension's value."),
        Property("Override_Text", "string", "What stands in place of a dimension's value."),
        Property("Units", "choice", "The unit of a dimension.", ("Inches", "Mils", "Millimeters", "Automatic")),
        Property("Units_Format", "choice", "How a dimension shows its unit."),
        Property("Precision", "choice", "How many digits a dimension shows."),
        Property("Suppress_Trailing_Zeroes", "boolean", "Whether a dimension drops zeros at the end."),
        Property("Arrow_Direction", "choice", "Where a dimension's arrows point.", ("Inward", "Outward")),
        Property("Crossbar_Height", "length", "The distance of a dimension's line from what it measures."),
        Property("Extension_Line_Overshoot", "length", "How far lines reach beyond a dimension's line."),
        Property("Keep_Aligned_with_Dimension", "boolean", "Whether a dimension's text lies along it."),
        Property("Leader_Length", "length", "The length of the leader of a radius."),
        Property(
            "Text_Frame", "choice", "The frame of a leader's text.", ("None", "Rectangle", "Circle", "Round Rectangle")
        ),
        # Images, tuning patterns and barcodes.
        Property("Associated_Layer", "layer", "The layer that an image belongs to."),
        Property("Scale", "number", "How much an image is enlarged."),
        Property("Greyscale", "boolean", "Whether an image is shown in grey."),
        Property("Transform_Offset_X", "length", "The offset of an image's origin to the right."),
        Property("Transform_Offset_Y", "length", "The offset of an image's origin downwards."),
        Property("Tuning_Mode", "choice", "What is tuned.", ("Single track", "Differential pair", "Diff pair skew")),
        Property("Min_Amplitude", "length", "The least amplitude of a tuning pattern."),
        Property("Max_Amplitude", "length", "The greatest amplitude of a tuning pattern."),
        Property("Initial_Side", "choice", "The side on which a tuning pattern begins.", ("Left", "Right", "Default")),
        Property("Min_Spacing", "length", "The least spacing of a tuning pattern."),
        Property("Target_Length", "length", "The length that a tuning pattern aims at."),
        Property("Target_Delay", "time", "The delay that a tuning pattern aims at.", since=10),
        Property("Target_Skew", "length", "The skew that a tuning pattern aims at."),
        Property("Override_Custom_Rules", "boolean", "Whether a tuning pattern goes by its own target."),
        Property("Rounded", "boolean", "Whether a tuning pattern has rounded corners."),
        Property("Update_Order", "number", "In which order patterns are drawn anew."),
        Property("Show_Text", "boolean", "Whether a barcode shows its text.", since=10),
        Property("Text_Size", "length", "The height of a barcode's text.", since=10),
        Property("Barcode_Type", "choice", "The kind of barcode.", since=10),
        Property("Error_Correction", "choice", "How much of a QR code may be lost.", since=10),
    )
}
"""By their names in lower case."""

RENAMED: dict[str, str] = {
    "netcode": "Net",
    "origin_x": "Start_X",
    "origin_y": "Start_Y",
    "min_width": "Minimum_Width",
    "thermal_relief_width": "Thermal_Relief_Spoke_Width",
    "curved_edges": "Curved_Teardrops",
    "drill": "Hole",
    "size": "Diameter",
    "footprint": "Library_Link",
}
"""Names that manuals and people use, and what KiCad answers to."""

UNREADABLE: dict[str, str] = {
    "angle": "the angle of an arc",
    "hatch_orientation": "the angle of a hatch",
    "minimum_island_area": "the area limit of islands",
    "priority": "the priority of a zone",
    "line_color": "the colour of a line",
    "fill_color": "the colour of a filling",
    "border_color": "the colour of a border",
    "color": "the colour of a text",
}
"""Properties of objects that conditions can't read."""

_FOOTPRINT = "a reference, LIBRARY:NAME (both with * and ?) or ${Class:NAME}"

FUNCTIONS: dict[str, Function] = {
    each.name.lower(): each
    for each in (
        Function("enclosedByArea", "Whether all of it lies in the zone or rule area of this name.", ("area",)),
        Function("existsOnLayer", "Whether it is on this layer; * and ? match anything.", ("layer",)),
        Function("fromTo", "Whether it is on the path between two pads, such as 'U1-3' and 'R*-1'.", ("from", "to")),
        Function(
            "getField", "What a field of the footprint says; an empty string for other objects.", ("field",), "string"
        ),
        Function("hasComponentClass", "Whether its footprint has this component class.", ("class",)),
        Function("hasExactNetclass", "Whether its net classes, with commas, are exactly these.", ("classes",)),
        Function("hasNetclass", "Whether its net has this net class.", ("class",)),
        Function("inDiffPair", "Whether it is in the differential pair with this base name; * for any.", ("pair",)),
        Function("insideArea", "The former name of intersectsArea.", ("area",), replaced_by="intersectsArea"),
        Function(
            "insideBackCourtyard",
            "The former name of intersectsBackCourtyard.",
            ("footprint",),
            replaced_by="intersectsBackCourtyard",
        ),
        Function(
            "insideCourtyard",
            "The former name of intersectsCourtyard.",
            ("footprint",),
            replaced_by="intersectsCourtyard",
        ),
        Function(
            "insideFrontCourtyard",
            "The former name of intersectsFrontCourtyard.",
            ("footprint",),
            replaced_by="intersectsFrontCourtyard",
        ),
        Function("intersectsArea", "Whether any of it lies in the zone or rule area of this name.", ("area",)),
        Function("intersectsBackCourtyard", f"Whether it touches the back courtyard of {_FOOTPRINT}.", ("footprint",)),
        Function("intersectsCourtyard", f"Whether it touches a courtyard of {_FOOTPRINT}.", ("footprint",)),
        Function(
            "intersectsFrontCourtyard", f"Whether it touches the front courtyard of {_FOOTPRINT}.", ("footprint",)
        ),
        Function("isBlindBuriedVia", "Whether it is a blind or buried via."),
        Function("isBlindVia", "Whether it is a blind via.", since=10),
        Function("isBuriedVia", "Whether it is a buried via.", since=10),
        Function(
            "isCoupledDiffPair", "Whether A and B are the two sides of one differential pair: AB.isCoupledDiffPair()."
        ),
        Function("isMicroVia", "Whether it is a micro via."),
        Function("isPlated", "Whether it has a plated hole."),
        Function("memberOf", "The former name of memberOfGroup.", ("group",), replaced_by="memberOfGroup"),
        Function("memberOfFootprint", f"Whether it is in {_FOOTPRINT}.", ("footprint",)),
        Function("memberOfGroup", "Whether it is in the group of this name; * and ? match anything.", ("group",)),
        Function("memberOfSheet", "Whether its footprint is on this sheet, not one below it.", ("sheet",)),
        Function("memberOfSheetOrChildren", "Whether its footprint is on this sheet or one below it.", ("sheet",)),
    )
}
"""By their names in lower case."""
