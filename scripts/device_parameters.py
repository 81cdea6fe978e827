"""Writes the parameters of ngspice's devices, as ngspice's own `devhelp` names them, to a data file.

Run with the newest ngspice at hand: python scripts/device_parameters.py
"""

import json
import re
import subprocess
import tempfile
from pathlib import Path

FILE = Path(__file__).parent.parent / "tools" / "kiki_tools" / "spice" / "data" / "parameters.json"


def ask(*commands: str) -> str:
    deck = "* devices\nV1 a 0 1\nR1 a 0 1\n.control\n" + "\n".join(commands) + "\nquit\n.endc\n.end\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "d.cir"
        file.write_text(deck)
        return subprocess.run(["ngspice", "-n", "-b", str(file)], capture_output=True, text=True, check=False).stdout


def main() -> None:
    names = re.findall(r"^(\S+)\s+:\t", ask("devhelp"), re.MULTILINE)
    found: dict[str, dict[str, dict[str, str]]] = {}
    device = section = ""
    for line in ask(*(f"devhelp -csv {name}" for name in names)).splitlines():
        if head := re.match(r"(\S+) - ", line):
            device, section = head[1].lower(), ""
            found[device] = {"model": {}, "instance": {}}
        elif line.endswith(" Parameters"):
            section = line.split()[0].lower()
        elif section and (row := re.match(r"\d+, ([^,]+), (in|inout), (.*)", line)):
            about = row[3].strip()
            found[device][section][row[1].lower()] = "" if about == "n.a." else about
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(found, separators=(",", ":"), sort_keys=True) + "\n")
    print(f"{len(found)} devices, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
