"""Opens the router as configured: its head, the installed advisors, and the person's corrections."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kiki_core import paths
from kiki_core.routing import advice, feedback
from kiki_core.routing.router import Router

if TYPE_CHECKING:
    from kiki_core.config import Config


def open_router(config: Config, *, adapted: bool = True) -> Router:
    """The router as configured; not ``adapted``: without the person's corrections.

    Raises:
        KikiError: if the configured head can't be read.
    """
    settings = config.routing
    folder = Path(settings.model).expanduser() if settings.model else None
    advisors = advice.installed(settings.advice_weight) if settings.advisors else None
    router = Router(folder, advisors)
    if not adapted:
        return router
    corrections = feedback.offsets(router.head.fingerprint, paths.home() / "routing")
    return Router(folder, advisors, corrections) if corrections else router
