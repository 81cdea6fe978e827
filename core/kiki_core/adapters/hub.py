"""Adapters published in a repository of the hub, by ``owner/name``. Only weights and configuration are fetched."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from kiki_core.errors import KikiError

_REPOSITORY = re.compile(r"^[\w.-]{1,96}/[\w.-]{1,96}$")
_WAIT_S = 30.0
_MOST_S = 3600.0
_REVISION = (
    "import sys; from huggingface_hub import HfApi; "
    "print(HfApi().model_info(sys.argv[1], revision=sys.argv[2] or None, timeout=10).sha)"
)
_FETCH = (
    "import sys; from huggingface_hub import snapshot_download; "
    "snapshot_download(sys.argv[1], revision=sys.argv[2], local_dir=sys.argv[3], etag_timeout=10, "
    "allow_patterns=['adapter_model.safetensors', 'adapters.safetensors', 'adapter_config.json', '*.gguf'])"
)


def is_repository(text: str) -> bool:
    """Whether it reads as ``owner/name`` and is no path of this machine."""
    return bool(_REPOSITORY.match(text)) and not Path(text).exists()


def fetch(repository: str, revision: str, into: Path) -> str:
    """Fetches an adapter's files into a folder; gives the commit they are of.

    In a process of its own, because the hub's client retries for minutes where nothing is in reach.

    Raises:
        KikiError: if the hub can't be reached, or has no such repository.
    """
    told = _python(_REVISION, [repository, revision], _WAIT_S)
    if told is None:
        raise KikiError(
            f"can't reach {repository} on the hub", "go online, mend its name, or download it and name its folder"
        )
    commit = told.strip()
    if _python(_FETCH, [repository, commit, str(into)], _MOST_S) is None:
        raise KikiError(f"can't fetch {repository} from the hub", "retry, or download it and name its folder")
    shutil.rmtree(into / ".cache", ignore_errors=True)
    return commit


def _python(code: str, arguments: list[str], wait_s: float) -> str | None:
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=wait_s, check=False, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None
