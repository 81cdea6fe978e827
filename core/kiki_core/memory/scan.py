"""The search for the nearest vectors: exact for a small store, in two steps with cells for a large one.

Above `_EXACT` vectors, each also has a short form, its part along the principal axes of a sample. Short forms are
grouped
into cells (k-means); a query scans the cells nearest to it, and the best of those are compared exactly. What came
since the cells were made is scanned as a whole, so nothing has to wait for an index.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMENSIONS = 384
_EXACT = 8_192
_SHORT = 64
_RESCORED = 400
_RESCORED_BY_ROOT = 2.2
"""How many of the best are compared exactly: at least the former, else so many times the root of the number of vectors.
Among more vectors more are nearly as near, so a fixed number finds fewer of the nearest.
"""
_SAMPLE = 8_000
_CELLS = 128
_PROBED = 0.28
"""Share of all vectors that a query scans; at least `_LEAST` of them."""
_LEAST = 12_000
_STALE = 0.25
"""Share of vectors outside of the cells from which on the cells are made anew."""


_WIDE = np.arange(65_536, dtype=np.uint16).view(np.float16).astype(np.float32)


def widened(vectors: NDArray[Any]) -> Any:
    """float16 as float32, by table: several times as fast as numpy's own conversion."""
    return _WIDE[vectors.view(np.uint16)]


@dataclass
class Vectors:
    """Unit vectors by row, float16; a row without one is zero."""

    count: int = 0
    whole: NDArray[Any] = field(default_factory=lambda: np.zeros((0, DIMENSIONS), np.float16))
    short: NDArray[Any] = field(default_factory=lambda: np.zeros((0, DIMENSIONS), np.float32))
    """The parts along `axes`; without axes the vectors themselves."""
    axes: NDArray[Any] | None = None
    _centres: NDArray[Any] | None = None
    _cell_rows: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int32))
    _cell_short: NDArray[Any] = field(default_factory=lambda: np.zeros((0, _SHORT), np.float32))
    _cell_start: NDArray[Any] = field(default_factory=lambda: np.zeros(1, np.int64))
    _celled: int = 0
    """Rows below this one are in the cells, unless they are in `_moved`."""
    _moved: set[int] = field(default_factory=set)

    def grow(self, count: int) -> None:
        """Makes room for ``count`` rows."""
        self.count = count
        capacity = len(self.whole)
        if count > capacity:
            capacity = max(count, min(2 * capacity, capacity + 20_000), 256)
            for name in ("whole", "short"):
                old = getattr(self, name)
                new = np.zeros((capacity, old.shape[1]), old.dtype)
                new[: len(old)] = old
                setattr(self, name, new)

    def place(self, rows: NDArray[Any], vectors: NDArray[Any]) -> None:
        """Sets the vectors (float16) of rows."""
        self.whole[rows] = vectors
        exact = widened(vectors)
        self.short[rows] = exact if self.axes is None else exact @ self.axes
        self._moved.update(rows[rows < self._celled].tolist())
        if self.axes is None and self.count > _EXACT:
            self._take_axes()

    def settle(self) -> None:
        """Makes the cells, when there are many vectors outside of them."""
        outside = self.count - self._celled + len(self._moved)
        if self.axes is not None and outside > max(_EXACT, _STALE * self.count):
            self._make_cells()

    def nearest(self, vector: NDArray[Any], mask: NDArray[Any], most: int) -> Any:
        """The rows most similar to a unit vector among those of the mask, best first."""
        if not self.count:
            return np.zeros(0, np.int64)
        if self.axes is None:
            rows = np.flatnonzero(mask)
            scores = self.short[: self.count] @ vector if len(rows) > self.count // 4 else self.short[rows] @ vector
            scores = scores[rows] if len(scores) == self.count else scores
            return rows[_best(scores, most)]
        short = vector @ self.axes
        rows, scores = self._scan(short, mask)
        rows = rows[_best(scores, max(most, _RESCORED, int(_RESCORED_BY_ROOT * self.count**0.5)))]
        return rows[_best(self.similar(vector, rows), most)]

    def similar(self, vector: NDArray[Any], rows: NDArray[Any]) -> Any:
        """The cosines of rows to a unit vector; 0 for a row whose vector is still to come."""
        return widened(self.whole[rows]) @ vector

    def _scan(self, short: NDArray[Any], mask: NDArray[Any]) -> tuple[Any, Any]:
        """Rows of the mask worth a closer look, and their scores by short form."""
        few = np.count_nonzero(mask) <= _LEAST
        if few or self._centres is None:
            rows = np.flatnonzero(mask)
            return rows, self.short[rows] @ short if few else (self.short[: self.count] @ short)[rows]
        order = np.argsort(-(self._centres @ short))
        sizes = np.diff(self._cell_start)[order]
        wanted = max(_LEAST, int(_PROBED * self._celled))
        probed = order[: int(np.searchsorted(np.cumsum(sizes), wanted)) + 1]
        found, scores = [], []
        for cell in probed.tolist():
            part = slice(self._cell_start[cell], self._cell_start[cell + 1])
            found.append(self._cell_rows[part])
            scores.append(self._cell_short[part] @ short)
        fresh = np.arange(self._celled, self.count)
        if self._moved:
            fresh = np.concatenate([fresh, np.fromiter(self._moved, np.int64)])
        found.append(fresh)
        scores.append(self.short[fresh] @ short)
        rows, score = np.concatenate(found), np.concatenate(scores)
        kept = mask[rows]
        return rows[kept], score[kept]

    def _take_axes(self) -> None:
        have = np.flatnonzero(self.short[: self.count, :8].any(axis=1))
        if len(have) < _EXACT // 2:
            return
        sample = self.short[have[:: max(1, len(have) // _SAMPLE)]]
        _, axes = np.linalg.eigh(sample.T @ sample)
        self.axes = np.ascontiguousarray(axes[:, : -_SHORT - 1 : -1], np.float32)
        narrow = np.zeros((len(self.short), _SHORT), np.float32)
        narrow[have] = self.short[have] @ self.axes
        self.short = narrow

    def _make_cells(self) -> None:
        have = np.flatnonzero(self.short[: self.count, :8].any(axis=1))
        if len(have) < 2 * _EXACT:
            return
        sample = self.short[have[:: max(1, len(have) // _SAMPLE)]]
        centres = sample[:: max(1, len(sample) // _CELLS)][:_CELLS].copy()
        for _ in range(4):
            cell = np.argmax(sample @ centres.T - 0.5 * (centres**2).sum(1), axis=1)
            belongs = cell == np.arange(len(centres))[:, None]
            centres = (belongs.astype(np.float32) @ sample) / np.maximum(belongs.sum(1), 1)[:, None]
        half = 0.5 * (centres**2).sum(1)
        cell = np.concatenate(
            [
                np.argmax(self.short[start : min(start + 8_192, self.count)] @ centres.T - half, axis=1)
                for start in range(0, self.count, 8_192)
            ]
        )
        order = np.argsort(cell, kind="stable")
        self._cell_rows = order.astype(np.int32)
        self._cell_short = self.short[order]
        self._cell_start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(centres)))])
        self._centres, self._celled = centres, self.count
        self._moved.clear()


def _best(scores: NDArray[Any], most: int) -> Any:
    """The places of the highest scores, best first."""
    if len(scores) > most:
        best = np.argpartition(-scores, most - 1)[:most]
        return best[np.argsort(-scores[best], kind="stable")]
    return np.argsort(-scores, kind="stable")
