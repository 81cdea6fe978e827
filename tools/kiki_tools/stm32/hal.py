"""Functions, structures and constants of ST's HAL and LL drivers, as their headers and sources document them.

`index` reads one file into plain data (fit for JSON):

- ``functions``: name -> {signature, about, parameters: [[name, type, about]…], returns, notes, group, from}
- ``structs``: type -> [about, [[member, type, about, group or ""]…]]
- ``enums``: type -> [about, [[name, value, about]…]]
- ``constants``: name -> [value, about, group]
- ``groups``: name -> [title, [constant…]]
- ``fields``: `USART_CR1_UE` -> [what LL's functions do with the field…], from their `@rmtoll`
"""

from __future__ import annotations

import re
from typing import Any

_PIECE = re.compile(
    r"/\*(?P<comment>.*?)\*/"
    r"|^[ \t]*\#[ \t]*define[ \t]+(?P<define>\w+)(?P<parameters>\([^)\n]*\))?(?P<value>(?:\\\r?\n|[^\n])*)"
    r"|^typedef[ \t]+(?P<kind>struct|enum)\b[^{;]{0,80}\{(?P<body>.*?)^[ \t]*\}\s*(?P<type>\w+)\s*;"
    r"|^(?P<result>(?:__STATIC_(?:FORCE)?INLINE|__INLINE|__weak|__WEAK|static|inline|extern|const|volatile|struct|\w+)"
    r"(?:[ \t]+\w+|[ \t]*\*)*?)[ \t*]+(?P<function>[A-Za-z_]\w*)[ \t]*\((?P<arguments>[^;{}#]{0,800}?)\)\s*(?=[;{])",
    re.DOTALL | re.MULTILINE,
)
_TAG = re.compile(r"^[ \t]*\*?[ \t]*[@\\](\w+)[ \t]*(.*)$", re.MULTILINE)
_MEMBER = re.compile(
    r"^[ \t]*(?P<type>(?:(?:const|volatile|__IO|struct|enum)[ \t]+)*\w+(?:[ \t]*\*+[ \t]*|[ \t]+))(?P<name>\w+)[ \t]*"
    r"(?:\[[^\]\n]*\])?[ \t]*;[ \t]*(?:/\*!?<?(?P<about>.*?)\*/)?",
    re.DOTALL | re.MULTILINE,
)
_ENUMERATOR = re.compile(
    r"^[ \t]*(?P<name>[A-Za-z_]\w*)[ \t]*(?:=[ \t]*(?P<value>[^,/\n]+?))?[ \t]*,?[ \t]*"
    r"(?:/\*!?<?(?P<about>.*?)\*/)?[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_REFERENCE = re.compile(r"@ref\s+(\w+)")
_MODIFIERS = re.compile(r"\b(?:__STATIC_(?:FORCE)?INLINE|__INLINE|__weak|__WEAK|static|inline|extern)\b\s*")
_BUSES = ("LL_AHB", "LL_APB", "LL_IOP")
_LONG = 1200
_NOT_FUNCTIONS = frozenset({"if", "while", "for", "switch", "return", "sizeof", "else", "defined", "assert_param"})


def index(text: str) -> dict[str, Any]:
    """What a driver's header or source documents, as plain data."""
    functions: dict[str, dict[str, Any]] = {}
    structs: dict[str, list[Any]] = {}
    enums: dict[str, list[Any]] = {}
    constants: dict[str, list[str]] = {}
    groups: dict[str, list[Any]] = {}
    fields: dict[str, list[str]] = {}
    open_groups: list[str] = []
    named, comment = "", ""
    for piece in _PIECE.finditer(text):
        match piece.lastgroup:
            case "comment":
                comment = piece["comment"]
                for tag, rest in _TAG.findall(comment):
                    if tag in ("defgroup", "addtogroup"):
                        named, _, title = rest.strip().partition(" ")
                        groups.setdefault(named, [" ".join(title.split()), []])
                if "@{" in comment:
                    open_groups.append(named)
                if "@}" in comment and open_groups:
                    open_groups.pop()
                continue
            case "value":
                _define(piece, comment, open_groups[-1] if open_groups else "", constants, groups, functions)
            case "type":
                if piece["kind"] == "struct":
                    structs[piece["type"]] = [_brief(comment), _members(piece["body"])]
                else:
                    listed = _ENUMERATOR.findall(_code(piece["body"]))
                    values = [[name, " ".join(value.split()), _words(about)] for name, value, about in listed]
                    enums[piece["type"]] = [_brief(comment), values]
            case "function" | "arguments":
                name = piece["function"]
                if name not in _NOT_FUNCTIONS and "=" not in piece["result"]:
                    group = groups.get(open_groups[-1], [""])[0] if open_groups else ""
                    functions[name] = _function(name, piece["result"], piece["arguments"], comment, group)
                    for register, field in _registers(comment):
                        owner = "RCC" if name.startswith(_BUSES) else name.split("_")[1]
                        fields.setdefault(f"{owner}_{register}_{field}", []).append(name)
        comment = ""
    return {
        "functions": functions, "structs": structs, "enums": enums, "constants": constants,
        "groups": {name: group for name, group in groups.items() if group[1]}, "fields": fields,
    }  # fmt: skip


def _code(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _words(text: str) -> str:
    """A comment's words in one line, without its stars."""
    return " ".join(re.sub(r"(?m)^[ \t]*\*+", " ", text.strip("!< *")).split())[:_LONG]


def _brief(comment: str) -> str:
    return _tags(comment).get("brief", "")


def _tags(comment: str) -> dict[str, str]:
    """What stands behind each tag of a comment; of `@param` and `@note` all, each on a line."""
    found: dict[str, str] = {}
    marks = list(_TAG.finditer(comment))
    for at, mark in enumerate(marks):
        tag = mark.group(1)
        if tag in ("arg", "ref"):
            continue
        end = next((each.start() for each in marks[at + 1 :] if each.group(1) not in ("arg", "ref")), len(comment))
        words = _words(comment[mark.start(2) : end])
        found[tag] = f"{found[tag]}\n{words}" if tag in found else words
    return found


def _define(
    piece: re.Match[str],
    comment: str,
    group: str,
    constants: dict[str, list[str]],
    groups: dict[str, list[Any]],
    functions: dict[str, dict[str, Any]],
) -> None:
    name, value = piece["define"], piece["value"]
    code, _, about = value.partition("/*")
    code = " ".join(code.replace("\\", " ").split())
    if piece["parameters"] is not None:
        if name.startswith("IS_"):
            return
        arguments = piece["parameters"][1:-1]
        functions[name] = _function(name, "", arguments, comment, groups.get(group, [""])[0])
        return
    if not code or (name in constants and group == constants[name][2]):
        return
    constants[name] = [code[:120], _words(about.rstrip().removesuffix("*/")), group]
    if group in groups and len(groups[group][1]) < 500:
        groups[group][1].append(name)


def _members(body: str) -> list[list[str]]:
    """The members of a structure with what their comments say and which group of constants they take."""
    found = []
    for member in _MEMBER.finditer(body):
        about = _words(member["about"] or "")
        group = _REFERENCE.search(about)
        about = re.sub(r"\s*This (?:parameter|member|feature)[^.]*?(?:can be|must be)[^.]*@ref [^.]*\.?", "", about)
        kind = " ".join(member["type"].replace("*", " *").split())
        found.append([member["name"], kind, about.strip(), group.group(1) if group else ""])
    return found


def _function(name: str, result: str, arguments: str, comment: str, group: str) -> dict[str, Any]:
    tags = _tags(comment)
    told: dict[str, str] = {}
    for line in tags.get("param", "").splitlines():
        words = re.sub(r"^\[[\w,]+\]\s*", "", line)
        of, _, about = words.partition(" ")
        told[of.strip(":")] = about.strip(" :")
    parameters = []
    result = _MODIFIERS.sub("", result).strip()
    code = " ".join(re.sub(r"/\*.*?\*/", " ", arguments, flags=re.DOTALL).split())
    for argument in code.split(",") if code not in ("", "void") else ():
        parts = re.fullmatch(r"(.*?)(\w+)\s*(?:\[[^\]]*\])?", argument.strip())
        if parts is not None:
            parameters.append([parts.group(2), parts.group(1).strip(), told.get(parts.group(2), "")])
    returns = tags.get("retval", tags.get("return", "")).replace("\n", "; ")
    signature = f"{result}{'' if result.endswith('*') else ' '}{name}({code})".strip()
    return {
        "signature": signature[:_LONG], "about": tags.get("brief", ""), "parameters": parameters,
        "returns": "" if returns.lower() in ("none", "none.") else returns, "notes": tags.get("note", ""),
        "group": group,
    }  # fmt: skip


def _registers(comment: str) -> list[tuple[str, str]]:
    """The registers and fields that an LL function touches by its `@rmtoll`."""
    found = []
    at = comment.find("@rmtoll")
    if at >= 0:
        end = comment.find("@", at + 1)
        for line in comment[at + 7 : end if end > 0 else None].splitlines():
            words = line.replace("*", " ").replace("\\n", " ").split()
            if len(words) >= 3 and "_" in words[2]:
                found.append((words[0], words[1]))
    return found
