"""Plots of an analysis as SVG or PNG: time, frequency (magnitude and phase), XY. Tables as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from kiki_tools.spice.waveform import magnitude_db

if TYPE_CHECKING:
    from kiki_tools.spice.ngspice import Analysis
    from kiki_tools.spice.rawfile import Vector

_CURVES = 8


def render(analysis: Analysis, form: str) -> bytes:
    """The picture as ``svg`` or ``png``; node voltages if there are any, else currents."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scale, *others = analysis.vectors.values()
    shown = ([v for v in others if v.unit == "V"] or others)[:_CURVES]
    bode = analysis.kind == "ac" and any(np.iscomplexobj(v.values) for v in shown)
    figure = Figure(figsize=(8, 6 if bode else 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2 if bode else 1, 1, sharex=True, squeeze=False)[:, 0]
    x = scale.values.real
    for vector in shown:
        if bode:
            axes[0].plot(x, magnitude_db(vector.values), label=vector.name)
            axes[1].plot(x, np.degrees(np.unwrap(np.angle(vector.values))), label=vector.name)
        else:
            y = np.abs(vector.values) if np.iscomplexobj(vector.values) else vector.values
            axes[0].plot(x, y, label=vector.name)
    if analysis.kind in ("ac", "noise", "sp") and len(x) > 1 and x[0] > 0:
        axes[0].set_xscale("log")
    axes[0].set_ylabel("magnitude (dB)" if bode else _axis(shown))
    if bode:
        axes[1].set_ylabel("phase (°)")
    axes[-1].set_xlabel(f"{scale.name} ({scale.unit})" if scale.unit else scale.name)
    axes[0].set_title(analysis.title)
    for axis in axes:
        axis.grid(True, which="both", alpha=0.3)
    axes[0].legend()
    out = io.BytesIO()
    figure.savefig(out, format=form, dpi=150)
    return out.getvalue()


def table(analysis: Analysis) -> str:
    """All vectors as CSV; a complex one as two columns, real and imaginary part."""
    import numpy as np

    heads: list[str] = []
    columns = []
    for vector in analysis.vectors.values():
        if np.iscomplexobj(vector.values):
            heads += [f"re({vector.name})", f"im({vector.name})"]
            columns += [vector.values.real, vector.values.imag]
        else:
            heads.append(vector.name)
            columns.append(vector.values)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(zip(*(column.tolist() for column in columns), strict=True))
    return out.getvalue()


def _axis(vectors: list[Vector]) -> str:
    units = {vector.unit for vector in vectors}
    return {frozenset({"V"}): "voltage (V)", frozenset({"A"}): "current (A)"}.get(frozenset(units), "value")
