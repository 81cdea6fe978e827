"""`kiki adapters`."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiki_core import config as configuration
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.adapters.base import Base
    from kiki_core.adapters.files import Opened
    from kiki_core.adapters.gate import Report
    from kiki_core.adapters.model import Adapter
    from kiki_core.adapters.store import Manifest

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
_BASE = click.option("--base", "base_name", help="The base model: a known name, a .gguf file, or a config.json.")
_TO = click.option("--to", type=click.Choice(["peft", "mlx", "gguf"]), help="The layout; else by OUT's ending, PEFT's.")
_MOST_PROVENANCE = 1_000_000


@click.group()
def command() -> None:
    """LoRA adapters: the experts. A file, a folder or an installed name wherever one is asked for."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # on matrices as small as ours threads wait for each other


@command.command("list")
@_JSON
def list_(as_json: bool) -> None:
    """What is installed, and for which base."""
    from dataclasses import asdict

    from kiki_core.adapters import store
    from kiki_core.adapters.shipped import shipped

    there = store.installed()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in there]))
        return
    for one in there:
        click.echo(
            f"{one.name:24} {one.domain or '-':14} rank {one.rank:<4} {one.layout:5} {one.base['name']}  "
            f"{_verdict(one.gate)}"
        )
    if not there:
        click.echo(f"none in {store.folder()}; `kiki adapters install` takes a file, a folder or a repository")
    if more := [name for name in shipped() if name not in {one.name for one in there}]:
        click.echo(f"with kiki come {', '.join(more)}: `kiki adapters install {more[0]}`")


@command.command()
@click.argument("source")
@click.option("--name", help="Its name here; else that of the file or folder.")
@click.option("--domain", default="", help="The domain that it is an expert of.")
@_BASE
@click.option(
    "--replace", is_flag=True, help="Take the place of the installed one, which is kept until the gate decides."
)
@click.option("--provenance", type=click.Path(path_type=Path), help="A JSON file: data, recipe, evaluation.")
@click.option("--revision", default="", help="Of a repository: a commit, branch or tag.")
@_JSON
def install(
    source: str,
    name: str | None,
    domain: str,
    base_name: str | None,
    replace: bool,
    provenance: Path | None,
    revision: str,
    as_json: bool,
) -> None:
    """Installs SOURCE: a file, a folder, one that comes with kiki, or a repository `owner/name` of the hub."""
    from dataclasses import asdict

    from kiki_core.adapters import hub, store
    from kiki_core.adapters.shipped import shipped
    from kiki_core.domains import DOMAINS

    if domain and domain not in DOMAINS:
        raise KikiError(f"{domain!r} is no domain", f"choose one of {', '.join(DOMAINS)}")
    told = _provenance(provenance)
    base = _configured(base_name)
    chosen = name or _name_of(source)
    judged = None
    with tempfile.TemporaryDirectory(prefix="kiki-") as folder:
        path, origin = Path(source), str(Path(source).absolute())
        if not path.exists() and (own := shipped().get(source)) is not None:
            path, origin = own.weights, "comes with kiki"
            domain, told, judged = domain or own.domain, told or own.provenance, own.gate
        elif hub.is_repository(source):
            if not configuration.load().models.hub:
                raise KikiError("models.hub is off", "download the repository and name its folder")
            commit = hub.fetch(source, revision, Path(folder))
            path, origin = Path(folder), f"{source}@{commit}"
        made = store.install(
            path, chosen, base, domain=domain, replace=replace, provenance=told, gate=judged, source=origin
        )
    if as_json:
        click.echo(json.dumps(asdict(made)))
        return
    click.echo(f"{made.name}: rank {made.rank}, for {base.name}, in {store.folder() / made.name}")


@command.command()
@click.argument("name")
def remove(name: str) -> None:
    """Removes an installed adapter."""
    from kiki_core.adapters import store

    store.remove(name)
    click.echo(f"{name} is removed")


@command.command()
@click.argument("file")
@_BASE
@_JSON
@click.pass_context
def health(ctx: click.Context, file: str, base_name: str | None, as_json: bool) -> None:
    """Looks at every module; exit 1 if one is missing a factor, zero, not finite or of the wrong size."""
    from kiki_core.adapters.base import base_of
    from kiki_core.adapters.health import health as look

    found = look(_open(file).adapter, base_of(base_name) if base_name else None)
    installed = _installed(file)
    if as_json:
        click.echo(json.dumps({**found.to_json(), **({"gate": installed.gate} if installed else {})}))
    else:
        for note in found.notes:
            click.echo(f"note: {note}")
        for module in found.modules:
            if remark := module.problem or module.warning:
                click.echo(f"{'BAD ' if module.problem else 'note'} {module.name}: {remark}")
        ill = sum(not module.ok for module in found.modules)
        click.echo(f"{len(found.modules)} modules of rank {found.rank}: {f'{ill} unhealthy' if ill else 'healthy'}")
        if installed:
            click.echo(_verdict(installed.gate))
    ctx.exit(0 if found.ok else 1)


@command.command()
@click.argument("first")
@click.argument("second")
@_BASE
@_JSON
def angle(first: str, second: str, base_name: str | None, as_json: bool) -> None:
    """How much FIRST and SECOND work in the same directions, in degrees: 0 the same, 90 apart."""
    from kiki_core.adapters.angles import angles

    one, other = _alike([_open(first), _open(second)], base_name)
    found = angles(one, other)
    if found is None:
        raise KikiError("the adapters share no module", "they can't meet; name two that update the same modules")
    if as_json:
        click.echo(json.dumps(found.to_json()))
        return
    for module in sorted(found.modules, key=lambda each: each.angle_deg):
        click.echo(
            f"{module.angle_deg:6.2f}°  by chance {module.null_deg:5.2f}°  cosine {module.cosine:+.3f}  {module.name}"
        )
    click.echo(
        f"weighted mean {found.weighted_mean:.2f}° (by chance {found.null_mean:.2f}°), min {found.min:.2f}°, "
        f"max {found.max:.2f}°, p95 {found.p95:.2f}°, cosine {found.cosine:+.3f}"
    )


@command.command()
@click.argument("parts", nargs=-1, required=True)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="A .gguf or .safetensors file, or a folder."
)
@click.option("--max-rank", type=click.IntRange(1, 65_536), help="Recompress to this rank, and tell the error.")
@_TO
@_BASE
@_JSON
def compose(
    parts: tuple[str, ...], out: Path, max_rank: int | None, to: str | None, base_name: str | None, as_json: bool
) -> None:
    """The exact weighted sum of adapters, A:0.7 B:0.3 …, as one adapter whose scaling is 1."""
    from kiki_core.adapters import algebra
    from kiki_core.adapters.files import layout_for, save

    layout = layout_for(out, to)
    named = [_weighted(part) for part in parts]
    opened = [_open(name) for name, _ in named]
    _tell_notes(opened)
    ordered = _alike(opened, base_name)
    total = algebra.compose(list(zip(ordered, [weight for _, weight in named], strict=True)))
    result: dict[str, Any] = {}
    if max_rank is not None and total.rank > max_rank:
        smaller = algebra.recompress(total, max_rank)
        total = smaller.adapter
        result = {"error": smaller.error, "errors": dict(smaller.errors)}
    if layout != "gguf":
        total = algebra.uniform(total)
    notes = save(total, layout, out, _base_for(total, base_name))
    result = {"rank": total.rank, "modules": len(total.modules), "layout": layout, "notes": list(notes), **result}
    if as_json:
        click.echo(json.dumps(result))
        return
    lost = f", relative error {result['error']:.3g}" if "error" in result else ""
    click.echo(f"{out}: rank {total.rank}, {len(total.modules)} modules{lost}")
    for note in notes:
        click.echo(f"note: {note}")


@command.command()
@click.argument("source")
@click.argument("out", type=click.Path(path_type=Path))
@_TO
@_BASE
@_JSON
def convert(source: str, out: Path, to: str | None, base_name: str | None, as_json: bool) -> None:
    """Writes SOURCE in another layout; no factor is changed unless it says so."""
    from kiki_core.adapters.files import layout_for, save

    layout = layout_for(out, to)
    opened = _open(source)
    _tell_notes([opened])
    base = _base_for(opened.adapter, base_name)
    notes = save(opened.adapter, layout, out, base)
    if as_json:
        told = {"layout": layout, "modules": len(opened.adapter.modules), "lossless": not notes, "notes": list(notes)}
        click.echo(json.dumps(told))
        return
    click.echo(f"{out}: {layout}, {len(opened.adapter.modules)} modules, {'changed' if notes else 'no factor changed'}")
    for note in notes:
        click.echo(f"note: {note}")


@command.command()
@click.argument("new")
@click.argument("more", nargs=-1)
@click.option("--prior", "priors", multiple=True, help="An adapter to protect; by default all that are installed.")
@click.option("--probes", "probes_file", type=click.Path(path_type=Path), help="Probes as JSON lines; else kiki's own.")
@click.option("--domain", default="", help="NEW's domain, whose probes don't count; else that it was installed with.")
@click.option(
    "--angle", "angle_deg", default=30.0, type=click.FloatRange(0, 180), help="Degrees below which it is near."
)
@click.option("--drop", "drop_points", default=3.0, type=click.FloatRange(-100, 100), help="Points that may be lost.")
@click.option("--dry-run", is_flag=True, help="Measure and decide only: change nothing, keep no report.")
@_JSON
@click.pass_context
def gate(
    ctx: click.Context,
    new: str,
    more: tuple[str, ...],
    priors: tuple[str, ...],
    probes_file: Path | None,
    domain: str,
    angle_deg: float,
    drop_points: float,
    dry_run: bool,
    as_json: bool,
) -> None:
    """May NEW stay? Measures angles and win rates; exit 1 and roll back if it harms what is there.

    What can't be measured is an error (exit 2), never a decision.
    """
    from kiki_core.adapters import admission
    from kiki_core.adapters.gate import Thresholds
    from kiki_core.adapters.probes import read
    from kiki_core.domains import DOMAINS

    if domain and domain not in DOMAINS:
        raise KikiError(f"{domain!r} is no domain", f"choose one of {', '.join(DOMAINS)}")
    if more and not priors:
        raise KikiError(f"{more[0]!r} is one too many", "name prior adapters with --prior")
    config = configuration.load()
    probes = read(probes_file)
    base = _configured(None)
    contender = admission.contender(new, base, domain)
    against = admission.priors_for((*priors, *more), new, base)
    report = asyncio.run(_judged(contender, against, probes, base, config, Thresholds(angle_deg, drop_points)))
    place = None if dry_run else admission.conclude(contender, report)
    if as_json:
        click.echo(json.dumps({**report.to_json(), "report": str(place) if place else None}))
    else:
        _show(report)
        if place:
            click.echo(f"report: {place}")
    ctx.exit(0 if report.decision == "keep" else 1)


async def _judged(contender: Any, priors: Any, probes: Any, base: Any, config: Any, thresholds: Any) -> Report:
    from rich.console import Console
    from rich.progress import Progress

    from kiki_core.adapters import admission

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("probes", total=None)
        return await admission.run_gate(
            contender, priors, probes, base, config, thresholds,
            lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip


def _show(report: Report) -> None:
    told = report.to_json()
    for name, found in report.angles.items():
        shown = f"{found.weighted_mean:.2f}° (by chance {found.null_mean:.2f}°)" if found else "no module in common"
        click.echo(f"angle to {name}: {shown}")
    rate, (low, high) = told["win_rate"], report.interval
    click.echo(
        f"win rate on {rate['probes']} probes: {100 * rate['before']:.1f} %, with it {100 * rate['after']:.1f} %; "
        f"drop {report.win_rate_drop:.1f} points (95 %: {low:.1f} to {high:.1f})"
    )
    click.echo(f"decision: {report.decision}")
    if report.decision == "keep" and low > report.thresholds.drop_points:
        click.echo("note: it harms other domains, in directions of its own; --angle 91 would roll it back")


def _verdict(gate: Mapping[str, Any] | None) -> str:
    """What the gate decided, and on which day."""
    if not gate:
        return "not judged by the gate"
    day = f" on {time.strftime('%Y-%m-%d', time.gmtime(gate['time']))}" if isinstance(gate.get("time"), int) else ""
    return f"gate: {gate.get('decision', 'unknown')}{day}"


def _open(which: str) -> Opened:
    """A file, a folder, or an installed adapter."""
    from kiki_core.adapters import store
    from kiki_core.adapters.files import open_adapter

    return store.load(which)[0] if _installed(which) else open_adapter(Path(which).expanduser())


def _installed(which: str) -> Manifest | None:
    """The manifest, if that is the name of an installed adapter and no path."""
    from kiki_core.adapters import store

    here = Path(which).expanduser().exists() or not store.is_installed(which)
    return None if here else store.manifest(which)


def _weighted(part: str) -> tuple[str, float]:
    """`A:0.7`; without a weight it is 1."""
    name, colon, weight = part.rpartition(":")
    if not colon:
        return part, 1.0
    try:
        return name, float(weight)
    except ValueError:
        if Path(part).exists():
            return part, 1.0
        raise KikiError(f"{weight!r} in {part!r} is no weight", "write A:0.7") from None


def _alike(opened: list[Opened], base_name: str | None) -> list[Adapter]:
    """The adapters with their heads in the first one's order."""
    from kiki_core.adapters.order import in_order

    order = opened[0].adapter.order
    return [
        one.adapter if one.adapter.order == order else in_order(one.adapter, order, _base_for(one.adapter, base_name))
        for one in opened
    ]


def _configured(base_name: str | None) -> Base:
    from kiki_core.adapters.base import base_of

    return base_of(base_name or configuration.load().models.name)


def _base_for(adapter: Adapter, base_name: str | None) -> Base | None:
    """The named base; else the configured model, if the adapter is for that: by name, or unnamed by all sizes."""
    from kiki_core.adapters.base import base_of, same_name
    from kiki_core.adapters.health import misfit

    if base_name:
        return base_of(base_name)
    try:
        base = base_of(configuration.load().models.name)
    except KikiError:
        return None
    if adapter.base_name:
        return base if same_name(adapter.base_name, base.name) else None
    fitting = all(not (module.misfit() or misfit(module, base)) for module in adapter.modules.values())
    return base if fitting and adapter.architecture in ("", base.architecture) else None


def _tell_notes(opened: list[Opened]) -> None:
    for note in dict.fromkeys(note for one in opened for note in one.adapter.notes):
        click.echo(f"kiki: {note}", err=True)


def _name_of(source: str) -> str:
    path = Path(source)
    if path.name in ("adapter_model.safetensors", "adapters.safetensors"):
        path = path.absolute().parent
    return path.stem if path.suffix in (".gguf", ".safetensors") else path.name


def _provenance(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        content = path.read_bytes() if path.stat().st_size <= _MOST_PROVENANCE else b""
        value = json.loads(content)
    except OSError as error:
        raise KikiError(f"can't read {path}: {error.strerror}", "name a JSON file") from error
    except (ValueError, RecursionError) as error:
        raise KikiError(f"{path} is no JSON object of less than 1 MB", "name a JSON file") from error
    if not isinstance(value, dict):
        raise KikiError(f"{path} is no JSON object", "name a JSON file")
    return value
