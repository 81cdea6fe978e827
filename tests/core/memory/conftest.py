from collections.abc import Iterator
from pathlib import Path

import pytest
from word_vectors import WordVectors

from kiki_core.memory import Memory


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    opened = Memory(tmp_path / "memory", WordVectors(), project="board")
    yield opened
    opened.close()
