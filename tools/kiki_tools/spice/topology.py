"""What the graph of a circuit says before any solver does: islands without a DC path, loops of sources.

Nodes are joined by a union-find with path halving (R. E. Tarjan and J. van Leeuwen, J. ACM 31, 1984).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

GROUNDS = frozenset({"0", "gnd", "gnd!"})


class Groups:
    """Nodes, joined to groups. All grounds are one node."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, node: str) -> str:
        """The node that stands for the group."""
        if node in GROUNDS:
            return "0"
        parent = self._parent
        above = parent.get(node, node)
        while above != node:
            higher = parent.get(above, above)
            parent[node] = higher
            node, above = higher, parent.get(higher, higher)
        return node

    def join(self, one: str, other: str) -> bool:
        """Joins two nodes' groups; false if they were one already."""
        a, b = self.find(one), self.find(other)
        if a == b:
            return False
        if a == "0":  # the ground stays on top
            a, b = b, a
        self._parent[a] = b
        return True


def floating(nodes: Iterable[str], conducting: Iterable[tuple[str, ...]], held: Iterable[str]) -> dict[str, str]:
    """The nodes that no conducting device joins to ground, each with the node that stands for its island.

    ``held``: nodes that something outside may hold.
    """
    groups = Groups()
    join = groups.join
    for joined in conducting:
        first = joined[0]
        for node in joined[1:]:
            join(first, node)
    for node in held:
        join("0", node)
    find = groups.find
    return {node: island for node in nodes if (island := find(node)) != "0"}


def source_loops(branches: Iterable[tuple[str, str, str, int]]) -> Iterator[tuple[str, int]]:
    """The (name, place) of each voltage source that closes a loop of sources and inductors.

    Sources come first in a loop: two of them are a contradiction, an inductor across one is a short at DC.
    """
    groups = Groups()
    ordered = sorted(branches, key=lambda branch: (branch[2][0] == "l", branch[3]))
    for plus, minus, name, start in ordered:
        if not groups.join(plus, minus):
            yield name, start
