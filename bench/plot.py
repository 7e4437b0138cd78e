"""Draw the curves of growth in one SVG: the same figures give the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from letters import typography

COLUMNS = 2
WIDTH, HEIGHT = 4.8, 3.2  # inches of a panel
# Told apart by everybody, on paper too (Okabe and Ito).
COLOURS = ("#0f5b4b", "#d55e00", "#0072b2", "#cc79a7", "#e69f00", "#000000")
MARKERS = "osD^vx"
STYLE = {
    "svg.hashsalt": "droit-de-plume",
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#dddddd",
}


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a panel; as many `xs` as `ys`."""

    label: str
    xs: list[float]
    ys: list[float]


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves that share their axes; both begin at nought."""

    title: str
    x_label: str
    y_label: str
    curves: list[Curve]


def draw(panels: Sequence[Panel], path: Path) -> None:
    """Write all panels into one SVG. Needs matplotlib, which only the bench has."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows = ceil(len(panels) / COLUMNS)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(COLUMNS * WIDTH, rows * HEIGHT), layout="constrained")
        places = [*figure.subplots(rows, COLUMNS, squeeze=False).flat]
        for panel, axes in zip(panels, places, strict=False):
            for curve, colour, marker in zip(panel.curves, COLOURS, MARKERS, strict=False):
                look = {"color": colour, "marker": marker, "markersize": 4, "clip_on": False}
                axes.plot(curve.xs, curve.ys, label=curve.label, **look)
            title = typography.french(panel.title)
            axes.set(title=title, xlabel=panel.x_label, ylabel=panel.y_label)
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(lambda value, _: f"{value:g}".replace(".", ","))
            axes.set_xlim(left=0)
            axes.set_ylim(bottom=0)
            if len(panel.curves) > 1:
                axes.legend(frameon=False)
        for axes in places[len(panels) :]:
            axes.set_axis_off()
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    # matplotlib leaves spaces at the ends of lines.
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(map(str.rstrip, text.splitlines())) + "\n", encoding="utf-8")
