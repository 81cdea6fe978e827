"""What build files say of how C is compiled: macros, include folders, options; of Make, CMake, PlatformIO, CubeIDE.

They aren't run, only read: a variable is replaced where it is set plainly, what a condition guards is taken too.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

_MOST_ROUNDS = 5
_MOST_TEXT = 20_000
_MOST_IN_ALL = 300_000
"""Characters that one value, and all values of a file, may come to: build files have a few hundred."""
_OPTION = re.compile(
    r"-(?:mcpu=|mfpu=|mfloat-abi=|mthumb$|std=|O[0-3sg]$|f(?:short-enums|pack-struct|signed-char|unsigned-char)$)"
)
_DEVICE = re.compile(r"STM32(?:[FLGHUCN]\d|W[BL]A?|MP\d)[0-9A-Z]{2}[0-9A-Zx]{2}")


@dataclass(frozen=True, slots=True)
class Build:
    """What one build file says. ``defines`` without `-D`; ``includes``: absolute folders; ``options``: of the target
    and the language; ``device``: a part's name, where it names one and no macro."""

    path: str
    defines: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    device: str = ""

    @property
    def says_something(self) -> bool:
        """Whether there is anything to compile with."""
        return bool(self.defines or self.includes or self.device)


@dataclass(slots=True)
class _Words:
    """Words of a command line, sorted."""

    defines: list[str] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)

    def add(self, words: Sequence[str], folder: str) -> None:
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            for begin, into in (("-D", self.defines), ("-I", self.includes), ("-isystem", self.includes)):
                if word.startswith(begin):
                    value = word[len(begin) :]
                    if not value and at < len(words):
                        value = words[at]
                        at += 1
                    if value and "$" not in value:
                        into.append(value if into is self.defines else os.path.normpath(os.path.join(folder, value)))
                    break
            else:
                if _OPTION.match(word) and "$" not in word:
                    self.options.append(word)

    def built(self, path: str, device: str = "") -> Build:
        defines, includes, options = (tuple(dict.fromkeys(x)) for x in (self.defines, self.includes, self.options))
        return Build(path, defines, includes, options, device)


def read(path: str, text: str) -> Build | None:
    """What a build file says; None for a file that isn't one."""
    name = os.path.basename(path)
    text = text[:1_000_000]
    if name in ("Makefile", "makefile", "GNUmakefile") or name.endswith(".mk"):
        return make(path, text)
    if name == "CMakeLists.txt" or name.endswith(".cmake"):
        return cmake(path, text)
    if name == "platformio.ini":
        return platformio(path, text)
    if name == ".cproject":
        return cubeide(path, text)
    if name.endswith(".ioc"):
        return cubemx(path, text)
    return None


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=False)
    except ValueError:
        return text.split()


def _expanded(text: str, known: Mapping[str, str], pattern: re.Pattern[str]) -> str:
    """The text with its variables replaced, as far as that stays short."""
    for _ in range(_MOST_ROUNDS):
        left = _MOST_TEXT

        def value(found: re.Match[str]) -> str:
            nonlocal left
            replaced = known.get(found.group(1), found.group())
            left -= len(replaced)
            return replaced if left > 0 else ""

        before, text = text, pattern.sub(value, text)
        if text == before or len(text) > _MOST_TEXT:
            break
    return text[:_MOST_TEXT]


_VARIABLE = re.compile(r"^[ \t]*([A-Za-z_][\w-]*)[ \t]*(\+|:|::|\?)?=[ \t]*(.*)$", re.MULTILINE)
_MAKE_USE = re.compile(r"\$[({]([\w-]+)[)}]")


def make(path: str, text: str) -> Build:
    """A Makefile, such as STM32CubeMX writes: all that its variables hold of macros, folders and options."""
    text = re.sub(r"(?m)#.*$", "", text.replace("\\\r\n", " ").replace("\\\n", " "))
    set_to: dict[str, list[str]] = {}
    for name, operator, value in _VARIABLE.findall(text):
        if operator != "+":
            set_to[name] = []
        set_to.setdefault(name, []).append(value.strip())
    known = {name: " ".join(values) for name, values in set_to.items()}
    words, spent = _Words(), 0
    for value in known.values():
        expanded = _expanded(value[:_MOST_TEXT], known, _MAKE_USE)
        spent += len(expanded)
        if spent > _MOST_IN_ALL:
            break
        words.add(_words(expanded), os.path.dirname(path))
    return words.built(path)


_CMAKE_CALL = re.compile(r"^[ \t]*([A-Za-z_]\w*)[ \t]*\(((?:[^()\"]|\"(?:[^\"\\]|\\.)*\"|\([^()]*\))*)\)", re.MULTILINE)
_CMAKE_USE = re.compile(r"\$\{(\w+)\}")
_CMAKE_CALLS = frozenset({
    "set", "target_compile_definitions", "add_compile_definitions", "add_definitions", "target_include_directories",
    "include_directories", "target_compile_options", "add_compile_options",
})  # fmt: skip
_SCOPES = frozenset({"PRIVATE", "PUBLIC", "INTERFACE", "BEFORE", "AFTER", "SYSTEM"})


def cmake(path: str, text: str) -> Build:
    """A CMakeLists.txt or a toolchain file."""
    folder = os.path.dirname(path)
    text = re.sub(r"(?m)#.*$", "", text)
    here = ("CMAKE_CURRENT_SOURCE_DIR", "CMAKE_SOURCE_DIR", "PROJECT_SOURCE_DIR", "CMAKE_CURRENT_LIST_DIR")
    known = dict.fromkeys(here, folder)
    words, spent = _Words(), 0
    for name, inside in _CMAKE_CALL.findall(text):
        if name.lower() not in _CMAKE_CALLS:
            continue
        plain = re.sub(r"\$<[^<>]*:([^<>]*)>", r"\1", inside[:_MOST_TEXT])
        expanded = _expanded(plain, known, _CMAKE_USE)
        spent += len(expanded)
        if spent > _MOST_IN_ALL:
            break
        listed = _words(expanded)
        called = name.lower()
        if called == "set" and listed:
            known[listed[0]] = " ".join(each for each in listed[1:] if each != "CACHE")
            words.add([each for each in _words(known[listed[0]]) if _OPTION.match(each)], folder)
        elif called in ("target_compile_definitions", "add_compile_definitions", "add_definitions"):
            start = 1 if called.startswith("target") else 0
            macros = [each.removeprefix("-D") for each in _flat(listed[start:]) if each not in _SCOPES]
            words.add([f"-D{each}" for each in macros if re.match(r"\w+(=|$)", each)], folder)
        elif called in ("target_include_directories", "include_directories"):
            start = 1 if called.startswith("target") else 0
            words.add([f"-I{each}" for each in _flat(listed[start:]) if each not in _SCOPES], folder)
        elif called in ("target_compile_options", "add_compile_options"):
            words.add(_flat(listed), folder)
    return words.built(path)


def _flat(words: Sequence[str]) -> list[str]:
    return [each for word in words for part in word.split(";") for each in part.split() if each]


def platformio(path: str, text: str) -> Build:
    """A platformio.ini: its first environment."""
    reader = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        reader.read_string(text)
    except configparser.Error:
        return Build(path)
    environments = [reader[name] for name in reader.sections() if name.startswith("env")]
    words, device = _Words(), ""
    for section in environments:
        words.add(_words(section.get("build_flags") or ""), os.path.dirname(path))
        device = device or (section.get("board_build.mcu") or "") or (section.get("board") or "")
    folder = os.path.dirname(path)
    words.includes += [os.path.join(folder, "include"), os.path.join(folder, "src")]
    return words.built(path, device)


def cubeide(path: str, text: str) -> Build:
    """A project of STM32CubeIDE: its first configuration."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return Build(path)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return Build(path)
    words, device = _Words(), ""
    configuration = next(root.iter("cconfiguration"), root)
    # Paths are relative to the build folder, one below the project.
    base = os.path.join(os.path.dirname(path), "Debug")
    for option in configuration.iter("option"):
        kind = option.get("superClass", "")
        values = [each.get("value", "") for each in option.iter("listOptionValue")]
        if kind.endswith("definedsymbols") and ".c.compiler" in kind:
            words.add([f"-D{value}" for value in values if re.match(r"\w", value)], base)
        elif kind.endswith("includepaths") and ".c.compiler" in kind:
            words.add([f"-I{_workspace(value)}" for value in values], base)
        elif kind.endswith("target_mcu"):
            device = option.get("value", "")
    return words.built(path, device)


def _workspace(value: str) -> str:
    """A path of Eclipse's, such as `"${workspace_loc:/${ProjName}/Core/Inc}"`, from the build folder."""
    found = re.fullmatch(r'"?\$\{workspace_loc:/(?:\$\{ProjName\}|[^/}]+)/?([^}]*)\}"?', value)
    return os.path.join("..", found.group(1)) if found else value.strip('"')


def cubemx(path: str, text: str) -> Build:
    """An .ioc: the device only."""
    found = re.search(r"^Mcu\.(?:CPN|UserName)=(\S+)", text, re.MULTILINE)
    return Build(path, device=found.group(1) if found else "")


def device_of(builds: Sequence[Build]) -> str:
    """The device that the build files name: by a macro first, then by name."""
    for build in builds:
        for define in build.defines:
            if _DEVICE.fullmatch(define.partition("=")[0]):
                return define.partition("=")[0]
    return next((build.device for build in builds if build.device), "")


def joined(builds: Sequence[Build]) -> Iterator[str]:
    """All macros, folders and options as words of a command line, each once."""
    yield from dict.fromkeys(each for build in builds for each in build.options)
    for define in dict.fromkeys(each for build in builds for each in build.defines):
        yield f"-D{define}"
    for folder in dict.fromkeys(each for build in builds for each in build.includes):
        yield f"-I{folder}"
