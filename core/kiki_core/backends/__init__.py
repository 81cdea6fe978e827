"""Language models behind one small protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiki_core.backends.protocol import Backend
    from kiki_core.config import Config


def build(config: Config) -> Backend:
    """The backend that the configuration names. Nothing is started or loaded yet."""
    if config.backend.kind == "openai":
        from kiki_core.backends.openai import OpenAIBackend

        return OpenAIBackend(config.backend)
    if config.backend.kind == "vllm":
        from kiki_core.backends.vllm import VllmBackend

        return VllmBackend(config.backend)
    if config.backend.kind == "mlx":
        from kiki_core.backends.mlx import MlxBackend

        return MlxBackend(config.backend)
    from kiki_core.backends.llamacpp import LlamaCppBackend

    return LlamaCppBackend(config)
