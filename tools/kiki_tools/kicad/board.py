"""A board as the checks need it: layers, nets, footprints with their pads, zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from kiki_tools.kicad.schematic import Point, point_of
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document, document_of
from kiki_tools.text import Snapshot

_LAYER_HEADS = frozenset({"layer", "layers"})
_WILD = frozenset(
    {"*.Cu", "*In.Cu", "*.Mask", "*.Paste", "*.SilkS", "*.Adhes", "*.CrtYd", "*.Fab", "F&B.Cu", "*", "Inner"}
)
_SIDES = ("Cu", "Adhes", "Paste", "SilkS", "Mask", "CrtYd", "Fab")
STANDARD_LAYERS = (
    *(f"{side}.{kind}" for kind in _SIDES for side in "FB"), "Edge.Cuts", "Margin", "Dwgs.User", "Cmts.User",
    "Eco1.User", "Eco2.User", *(f"In{number}.Cu" for number in range(1, 31)),
    *(f"User.{number}" for number in range(1, 46)),
)  # fmt: skip
"""KiCad's own names of layers."""
NAMES_ONLY = 20251028
"""Since this version a board's items name their nets instead of numbering them."""


@dataclass(slots=True)
class Pad:
    """A pad of a footprint; ``net`` is its net's name, empty for none."""

    number: str
    net: str
    node: Node
    net_node: Node | None


@dataclass(slots=True)
class Footprint:
    """A footprint on the board."""

    node: Node
    library_id: str
    reference: str
    value: str
    reference_node: Node | None
    at: Point
    layer: str
    path: str
    pads: list[Pad]
    board_only: bool
    attributes: frozenset[str]
    angle: float
    """How far it is turned, in degrees, against the clock."""
    unnamed: tuple[Node, ...]
    """Nets of its pads with a number only."""
    placed: bool
    """Whether it says where it is."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the lists of one chunk of the file name, each with its node: layers, nets, ids."""

    layers: dict[str, Node]
    nets: dict[str, Node]
    pairs: dict[tuple[str, str], Node]
    """Nets with number and name."""
    ids: dict[str, Node]
    repeated: tuple[Node, ...]
    """Ids that the chunk itself has twice."""


@dataclass(slots=True, eq=False)
class Board:
    """One board file."""

    document: Document
    layers: dict[str, Node] = field(default_factory=dict)
    layer_types: dict[str, str] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    nets: dict[str, tuple[str, Node]] = field(default_factory=dict)
    """Names of nets by number; by name where the file has no numbers."""
    footprints: list[Footprint] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    """What else lies on the board: tracks, vias, zones, drawings."""

    @property
    def numbered(self) -> bool:
        """Whether items name their net by its number."""
        return self.document.version < NAMES_ONLY


_ITEMS = frozenset(
    {
        "segment", "via", "arc", "zone", "gr_line", "gr_arc", "gr_circle", "gr_rect", "gr_poly", "gr_curve", "gr_text",
        "gr_text_box", "dimension", "target", "image", "generated", "gr_bbox", "gr_vector", "table",
    }
)  # fmt: skip


def board_of(snapshot: Snapshot) -> Board:
    """The board in a `.kicad_pcb`, kept with its snapshot."""
    return snapshot.kept("kicad.board", lambda text: _board(document_of(text)))


def _board(document: Document) -> Board:
    board = Board(document)
    main = document.main
    if main is None or main.head != "kicad_pcb":
        return board
    for node in main.children:
        head = node.head
        if head in _ITEMS:
            board.items.append(node)
        elif head in ("footprint", "module"):
            if not isinstance(node.memo, Footprint):
                node.memo = _footprint(node)
            board.footprints.append(node.memo)
        elif head == "net":
            if len(node.texts) > 1:
                board.nets[node.value()] = (node.value(1), node)
            else:
                board.nets[node.value()] = (node.value(), node)
        elif head == "layers":
            for layer in node.children:
                name = layer.value() if layer.head.isdigit() else layer.head
                board.layers[name] = layer
                board.layer_types[name] = layer.value(1)
                if len(layer.words) > 2:
                    board.aliases.add(layer.value(2))
    return board


def _footprint(node: Node) -> Footprint:
    reference = value = path = ""
    reference_node: Node | None = None
    pads = []
    attributes: set[str] = set()
    unnamed = []
    for child in node.children:
        head = child.head
        if head == "pad":
            net = child.find("net")
            if net is not None and len(net.words) == 1 and not net.words[0].quoted:
                unnamed.append(net)
            name = ""
            if net is not None:
                name = net.value(1) if len(net.texts) > 1 else net.value()
            pads.append(Pad(child.value(), name, child, net))
        elif head == "property":
            if child.value() == "Reference":
                reference, reference_node = child.value(1), child
            elif child.value() == "Value":
                value = child.value(1)
        elif head == "fp_text":
            if child.value() == "reference":
                reference, reference_node = child.value(1), child
            elif child.value() == "value":
                value = child.value(1)
        elif head == "path":
            path = child.value()
        elif head == "attr":
            attributes.update(word.raw for word in child.words)
    at = node.find("at")
    angle = at.number_at(2) if at is not None else 0.0
    return Footprint(
        node, node.value(), reference, value, reference_node, point_of(at), node.text_of("layer"), path,
        pads, "board_only" in attributes, frozenset(attributes), angle, tuple(unnamed),
        at is not None,
    )  # fmt: skip


def named(document: Document) -> Iterator[Named]:
    """What the file names, chunk by chunk; worked out once for each."""
    for chunk, nodes in document.named:
        known = chunk.notes.get("kicad.named")
        if known is None or known[0] is not nodes:
            known = chunk.notes["kicad.named"] = (nodes, _named(nodes))
        yield known[1]


def _named(nodes: list[Node]) -> Named:
    found = Named({}, {}, {}, {}, ())
    repeated = []
    for node in nodes:
        head = node.head
        if head in ("layer", "layers"):
            for text in node.texts if head == "layers" else node.texts[:1]:
                found.layers.setdefault(text, node)
        elif head == "net":
            found.nets.setdefault(node.value(), node)
            if len(node.texts) > 1:
                found.pairs.setdefault((node.value(), node.value(1)), node)
        elif head != "net_name" and found.ids.setdefault(node.value(), node) is not node:
            repeated.append(node)
    return Named(found.layers, found.nets, found.pairs, found.ids, tuple(repeated))


def is_layer(name: str, board: Board) -> bool:
    """Whether an item may name this layer; of a board that lists none, one of KiCad's own."""
    if not board.layers:
        return name in _WILD or name in _STANDARD
    return name in board.layers or name in _WILD or name in board.aliases


_STANDARD = frozenset(STANDARD_LAYERS)


def is_standard(name: str) -> bool:
    """Whether KiCad itself has a layer of this name."""
    return name in _STANDARD


def duplicates(board: Board) -> Iterator[tuple[Footprint, Footprint]]:
    """Footprints that have a reference which another has, with that one."""
    first: dict[str, Footprint] = {}
    for footprint in board.footprints:
        if not footprint.reference or footprint.reference.startswith("#") or footprint.reference in ("REF**", "~"):
            continue
        other = first.setdefault(footprint.reference, footprint)
        if other is not footprint:
            yield footprint, other


def pads_by_part(board: Board) -> dict[tuple[str, str], list[tuple[Footprint, Pad]]]:
    """The pads of the board by the reference and the number of the pin that they stand for."""
    found: defaultdict[tuple[str, str], list[tuple[Footprint, Pad]]] = defaultdict(list)
    for footprint in board.footprints:
        for pad in footprint.pads:
            if pad.number:
                found[footprint.reference, pad.number].append((footprint, pad))
    return dict(found)
