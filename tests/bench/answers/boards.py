"""Design rules judged by what they do: KiCad checks boards of this module's own under them.

A board is a list of copper: `{"net": "HV1", "track": [x1, y1, x2, y2], "width": 0.5, "layer": "F.Cu"}`,
`{"net": "A", "via": [x, y], "size": 0.6, "drill": 0.3}`, and `{"raw": "..."}` for any other item in KiCad's own words;
lengths in mm, inside an outline of 60 mm by 60 mm from the origin. Its own constraints are near zero, so that what
is found comes from the rules alone.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_LAYERS = (
    '(layers (0 "F.Cu" signal) (31 "B.Cu" signal) (36 "B.SilkS" user) (37 "F.SilkS" user) (38 "B.Mask" user)'
    ' (39 "F.Mask" user) (44 "Edge.Cuts" user))'
)
_OUTLINE = '(gr_rect (start 0 0) (end 60 60) (stroke (width 0.05) (type default)) (fill none) (layer "Edge.Cuts"))'
_NONE_LEAST = ("min_clearance", "min_track_width", "min_copper_edge_clearance", "min_via_annular_width",
               "min_via_diameter", "min_hole_clearance", "min_hole_to_hole", "min_through_hole_diameter",
               "min_silk_clearance")  # fmt: skip
_CLASS = {"clearance": 0.01, "track_width": 0.1, "via_diameter": 0.3, "via_drill": 0.1, "microvia_diameter": 0.1,
          "microvia_drill": 0.05, "diff_pair_gap": 0.1, "diff_pair_via_gap": 0.1, "diff_pair_width": 0.1,
          "bus_width": 12, "wire_width": 6, "line_style": 0, "pcb_color": "rgba(0, 0, 0, 0.000)",
          "schematic_color": "rgba(0, 0, 0, 0.000)"}  # fmt: skip


def _board(items: Sequence[Mapping[str, Any]]) -> str:
    numbers = {name: number for number, name in enumerate(sorted({i["net"] for i in items if "net" in i}), 1)}
    lines = ['(kicad_pcb (version 20240108) (generator "judge") (general (thickness 1.6)) (paper "A4")', _LAYERS]
    lines += ['(net 0 "")', *(f'(net {number} "{name}")' for name, number in numbers.items()), _OUTLINE]
    for item in items:
        if "track" in item:
            x1, y1, x2, y2 = item["track"]
            lines.append(
                f"(segment (start {x1} {y1}) (end {x2} {y2}) (width {item['width']})"
                f' (layer "{item.get("layer", "F.Cu")}") (net {numbers[item["net"]]}))'
            )
        elif "via" in item:
            x, y = item["via"]
            lines.append(
                f'(via (at {x} {y}) (size {item["size"]}) (drill {item["drill"]}) (layers "F.Cu" "B.Cu")'
                f" (net {numbers[item['net']]}))"
            )
        else:
            lines.append(item["raw"])
    return "\n".join(lines) + ")\n"


def errors(rules: str, items: Sequence[Mapping[str, Any]], classes: Mapping[str, str]) -> list[str]:
    """The kinds of what KiCad finds on a board under the rules, warnings too; ``classes``: net to its net class.

    Loose ends don't count: the board's copper is cut off as a test needs it.
    """
    named = [{**_CLASS, "name": "Default", "priority": 2147483647}]
    named += [{**_CLASS, "name": each, "priority": rank} for rank, each in enumerate(sorted(set(classes.values())))]
    project = {
        "board": {"design_settings": {"rules": dict.fromkeys(_NONE_LEAST, 0.0)}},
        "net_settings": {
            "classes": named,
            "meta": {"version": 4},
            "netclass_patterns": [{"netclass": name, "pattern": net} for net, name in classes.items()],
        },
        "meta": {"filename": "b.kicad_pro", "version": 3},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "b.kicad_pcb").write_text(_board(items))
        (folder / "b.kicad_dru").write_text(rules)
        (folder / "b.kicad_pro").write_text(json.dumps(project))
        words = ("kicad-cli", "pcb", "drc", "--format", "json", "--severity-all", "b.kicad_pcb", "-o", "r.json")
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=180)
        if not (folder / "r.json").is_file():
            raise ValueError(f"no check: {done.stdout[-100:]}{done.stderr[-100:]}")
        found = (each["type"] for each in json.loads((folder / "r.json").read_text())["violations"])
        return [each for each in found if not each.endswith("_dangling")]
