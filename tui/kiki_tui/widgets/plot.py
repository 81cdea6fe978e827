"""A curve in the terminal, from a verdict's samples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Static
from textual_plot import AxisFormatter, HiResMode, PlotWidget

from kiki_core.events import Verdict
from kiki_tui.units import engineering

_COLOURS = ("$accent", "$primary", "$success", "$warning", "$error", "$secondary")
_MAX_CURVES = len(_COLOURS)


class EngineeringTicks(AxisFormatter):
    """Ticks at 1, 2, 5 steps, or at decades of a logarithmic axis, with SI prefixes."""

    def __init__(self, log: bool = False, unit: str = "") -> None:
        """``log``: the axis holds decimal logarithms of the values."""
        self.log = log
        self.unit = unit

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        """Places of the ticks on the axis."""
        width = max_ - min_
        if not math.isfinite(width) or width <= 0:
            return []
        if self.log and width >= 1:
            step = max(1, math.ceil(width / max_ticks))
            return [float(d) for d in range(math.ceil(min_ - 1e-9), math.floor(max_ + 1e-9) + 1, step)]
        raw = width / 4
        power = 10.0 ** math.floor(math.log10(raw))
        interval = next(power * step for step in (1, 2, 5, 10) if power * step >= raw * 0.999)
        first = math.ceil(min_ / interval - 1e-9)
        return [n * interval for n in range(first, math.floor(max_ / interval + 1e-9) + 1)]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        """What stands at the ticks."""
        step = min((abs(b - a) for a, b in itertools.pairwise(ticks)), default=0.0)
        values = [0.0 if abs(tick) < step * 1e-6 else tick for tick in ticks]
        return [engineering(10**v if self.log else v, self.unit, 3) for v in values]


class Curves(Static):
    """The curves of one verdict, with a logarithmic x axis where the verdict says so."""

    DEFAULT_CSS = """
    Curves { height: 14; }
    Curves PlotWidget { height: 1fr; }
    """

    def __init__(self, verdict: Verdict) -> None:
        """Curves of ``verdict.series``."""
        super().__init__()
        self.verdict = verdict

    def compose(self) -> ComposeResult:
        """The plot."""
        yield PlotWidget(allow_pan_and_zoom=False)

    def on_mount(self) -> None:
        """Draws, and draws again when the theme changes the colours."""
        self.draw()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.draw())

    def draw(self) -> None:
        """Draws all curves."""
        plot = self.query_one(PlotWidget)
        plot.can_focus = False
        plot.clear()
        variables = self.app.get_css_variables()
        low = high = None
        for colour, (name, (xs, ys)) in zip(_COLOURS, self.verdict.series.items(), strict=False):
            x, y = drawable(xs, ys, self.verdict.x_log)
            if not x:
                continue
            plot.plot(x, y, variables[colour[1:]], HiResMode.BRAILLE, label=name)
            low = min(y) if low is None else min(low, *y)
            high = max(y) if high is None else max(high, *y)
        if low is not None and high is not None:
            margin = (high - low) * 0.05 or max(abs(high) * 0.1, 1e-12)
            plot.set_ylimits(low - margin, high + margin)
        unit, label = _unit(self.verdict.x_label)
        plot.set_x_formatter(EngineeringTicks(self.verdict.x_log, unit))
        plot.set_y_formatter(EngineeringTicks())
        plot.set_xlabel(label)
        plot.show_legend()


def drawable(xs: Sequence[float], ys: Sequence[float], log: bool) -> tuple[list[float], list[float]]:
    """The samples that can be drawn: finite, and right of zero on a logarithmic axis (given as log10 x)."""
    x: list[float] = []
    y: list[float] = []
    for at, value in zip(xs, ys, strict=False):
        if math.isfinite(at) and math.isfinite(value) and (at > 0 or not log):
            x.append(math.log10(at) if log else at)
            y.append(value)
    return x, y


def _unit(label: str) -> tuple[str, str]:
    """Unit and name of an axis: ``frequency (Hz)`` or a bare ``Hz``."""
    name, bracket, rest = label.partition("(")
    if bracket:
        return rest.rstrip(") "), name.strip()
    if label in ("Hz", "s", "V", "A", "Ω", "°C"):
        return label, {"Hz": "frequency", "s": "time"}.get(label, "")
    return {"frequency": "Hz", "time": "s"}.get(label.lower(), ""), label
