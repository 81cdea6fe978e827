"""Writes docs/diagnostics/ from the rules."""

from pathlib import Path

from kiki_tools.languages import rules
from kiki_tools.rules import page

RULES = rules()

FOLDER = Path(__file__).parent.parent / "docs" / "diagnostics"


def pages() -> dict[str, str]:
    index = "# Diagnostics\n\n" + "".join(f"- [{r.code}]({r.code}.md): {r.title}\n" for r in RULES.values())
    return {"README.md": index, **{f"{rule.code}.md": page(rule) for rule in RULES.values()}}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
