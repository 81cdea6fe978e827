"""The gate around the store: what stands in it, how the backend gets the files, and what follows from the decision."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.adapters import store
from kiki_core.adapters.base import Base
from kiki_core.adapters.cache import as_gguf
from kiki_core.adapters.files import open_adapter
from kiki_core.adapters.gate import Contender, Report, Tell, Thresholds, judge
from kiki_core.adapters.order import in_order
from kiki_core.adapters.probes import Probe
from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_core.models.store import sha256_of

if TYPE_CHECKING:
    from kiki_core.backends.protocol import Backend
    from kiki_core.config import Config

_REPORTS = ".reports"


def contender(which: str, base: Base, domain: str = "") -> Contender:
    """An installed adapter by its name, or one in a file or folder; healthy, and made for this base.

    Raises:
        KikiError: if it isn't.
    """
    if store.is_installed(which) and not Path(which).exists():
        opened, one = store.load(which, base)
        adapter, sha256, domain = opened.adapter, one.sha256, domain or one.domain
    else:
        opened = open_adapter(Path(which))
        adapter, sha256 = opened.adapter, sha256_of(opened.files[0])
    store.admissible(opened, base, which)
    return Contender(which, domain, in_order(adapter, "gguf", base), opened.files[0], sha256)


def priors_for(names: Sequence[str], new: str, base: Base) -> list[Contender]:
    """The adapters to compare with: the named ones, else all that are installed for this base.

    Raises:
        KikiError: if one can't be read or is for another base.
    """
    if not names:
        names = [one.name for one in store.installed() if one.fingerprint == base.fingerprint and one.name != new]
    return [contender(name, base) for name in dict.fromkeys(names)]


async def run_gate(
    new: Contender,
    priors: Sequence[Contender],
    probes: Sequence[Probe],
    base: Base,
    config: Config,
    thresholds: Thresholds,
    tell: Tell,
) -> Report:
    """Judges a new adapter with the configured model.

    The embedded model loads any file. vLLM and MLX get their compositions from the store, by the installed names.

    Raises:
        KikiError: as `judge`, or if the configured backend can't get an adapter.
    """
    backend = _judging(new, priors, base, config)
    try:
        return await judge(new, priors, probes, backend, thresholds, tell)
    finally:
        await backend.aclose()


def _judging(new: Contender, priors: Sequence[Contender], base: Base, config: Config) -> Backend:
    if config.backend.kind == "llamacpp":
        from kiki_core.backends.llamacpp import LlamaCppBackend

        files = {one.name: as_gguf(one.weights, one.sha256, base) for one in (new, *priors)}
        return LlamaCppBackend(config, files)
    from kiki_core.backends import build

    backend = build(config)
    for one in (new, *priors) if backend.capabilities.adapters else ():
        if not store.is_installed(one.name):
            raise KikiError(
                f"{one.name} is not installed: {config.backend.kind} gets adapters by their installed names",
                f"`kiki adapters install {one.name}`, then give the gate that name",
            )
    return backend


def conclude(new: Contender, report: Report) -> Path:
    """Keeps the report, and lets an installed adapter stay or go. Gives the report's place.

    Raises:
        KikiError: if the disk refuses.
    """
    if new.weights.parent.parent == store.folder() and store.is_installed(new.weights.parent.name):
        name = new.weights.parent.name
        place = _filed(name, new.sha256, report)
        if report.decision == "keep":
            store.keep(name, _summary(report))
        else:
            store.roll_back(name)
        return place
    place = new.weights.with_name(f"{new.weights.stem}.gate.json")
    write_atomically(place, json.dumps(report.to_json(), indent=2))
    return place


def admit(
    new: Contender, report: Report, base: Base, provenance: Mapping[str, Any], source: str
) -> tuple[Path, store.Manifest | None]:
    """Keeps the report, and installs an adapter from outside of the store under its name, if the gate keeps it.

    It is seen by nobody before that; a version that was there stays if the gate rolls back. Gives the report's place
    and the manifest, null after a rollback.

    Raises:
        KikiError: if the disk refuses; nothing is changed then.
    """
    place = _filed(new.name, new.sha256, report)
    if report.decision != "keep":
        return place, None
    made = store.install(
        new.weights, new.name, base, domain=new.domain, replace=True, provenance=provenance, gate=_summary(report),
        source=source,
    )  # fmt: skip
    store.keep(new.name, _summary(report))
    return place, made


def _filed(name: str, sha256: str, report: Report) -> Path:
    place = store.folder() / _REPORTS / f"{name}-{sha256[:12]}.json"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KikiError(f"can't make {place.parent}: {error.strerror}", "free some space") from error
    write_atomically(place, json.dumps(report.to_json(), indent=2))
    return place


def _summary(report: Report) -> dict[str, Any]:
    return {key: value for key, value in report.to_json().items() if key != "angles"}
