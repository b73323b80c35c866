"""Draw the diagrams of `answers/assets/` as SVG, from their formulas, with nothing but the standard library.

`python scripts/diagrams.py` writes them; `--check` writes nothing and fails when a file differs from what would be
drawn. Each picture is a card with its own background, light or dark as the reader's system asks, so that it is
readable on every page it lands on.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "answers" / "assets"

Point = tuple[float, float]
Curve = Callable[[float], float]

# Colour name → (light, dark). A class name is `s-` (stroke), `f-` (fill) or `w-` (a wash of the fill) and the colour.
COLOURS = {
    "ink": ("#1f2328", "#f0f6fc"),
    "grey": ("#59636e", "#9198a1"),
    "faint": ("#d1d9e0", "#3d444d"),
    "blue": ("#0969da", "#58a6ff"),
    "red": ("#cf222e", "#ff7b72"),
    "green": ("#1a7f37", "#3fb950"),
    "violet": ("#8250df", "#bc8cff"),
}


def number(value: float) -> str:
    """Write a coordinate with one decimal: exact enough for the eye, and the same on every machine."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def style() -> str:
    """Return the style sheet that all drawings share."""

    def rules(index: int, card: str) -> str:
        lines = [f".card{{fill:{card};stroke:{COLOURS['faint'][index]}}}"]
        for name, pair in COLOURS.items():
            colour = pair[index]
            lines.append(f".s-{name}{{stroke:{colour}}}.f-{name}{{fill:{colour}}}.w-{name}{{fill:{colour}}}")
        return "".join(lines)

    washes = ",".join(f".w-{name}" for name in COLOURS)
    fonts = 'system-ui,-apple-system,"Segoe UI","Noto Sans KR",sans-serif'
    return (
        f"text{{font-family:{fonts};font-size:14px}}"
        '.math{font-family:"STIX Two Text","Cambria Math",Georgia,"Noto Serif",serif;font-style:italic;font-size:17px}'
        f".head{{font-weight:600;font-size:15px}}.small{{font-size:12px}}{washes}{{fill-opacity:.16}}"
        + rules(0, "#ffffff")
        + "@media(prefers-color-scheme:dark){"
        + rules(1, "#0d1117")
        + "}"
    )


class Drawing:
    """An SVG picture under construction: shapes are added in the order in which they are painted."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self.parts: list[str] = []

    def line(self, points: Iterable[Point], colour: str = "grey", *, width: float = 1.5, dash: str = "") -> None:
        """Draw an open polyline."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polyline class="s-{colour}" points="{path}" fill="none" stroke-width="{number(width)}"'
            f' stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
        )

    def arrow(self, points: Sequence[Point], colour: str = "grey", *, width: float = 1.5) -> None:
        """Draw a polyline that ends in an arrow head."""
        (x0, y0), (x1, y1) = points[-2:]
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        back = (x1 - 7 * dx, y1 - 7 * dy)
        self.line([*points[:-1], back], colour, width=width)
        wings = [
            (x1, y1),
            (x1 - 9 * dx - 4.5 * dy, y1 - 9 * dy + 4.5 * dx),
            (x1 - 9 * dx + 4.5 * dy, y1 - 9 * dy - 4.5 * dx),
        ]
        path = " ".join(f"{number(x)},{number(y)}" for x, y in wings)
        self.parts.append(f'<polygon class="f-{colour}" points="{path}"/>')

    def rect(self, corner: Point, size: Point, colours: str, *, radius: float = 0) -> None:
        """Draw a rectangle; `colours` are its classes."""
        (x, y), (w, h) = corner, size
        fill = "" if "f-" in colours or "w-" in colours or "card" in colours else ' fill="none"'
        self.parts.append(
            f'<rect class="{colours}" x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"'
            f' rx="{number(radius)}"{fill}/>'
        )

    def circle(self, centre: Point, radius: float, colours: str) -> None:
        """Draw a circle; `colours` are its classes."""
        x, y = centre
        self.parts.append(f'<circle class="{colours}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>')

    def text(self, at: Point, words: str, colours: str = "f-ink", *, anchor: str = "middle") -> None:
        """Write a line of text on its base line; `a_b` in a mathematical text lowers `b`, `_{bc}` lowers `bc`."""
        x, y = at
        content = subscripts(words) if "math" in colours.split() else escape(words)
        self.parts.append(
            f'<text class="{colours}" x="{number(x)}" y="{number(y)}" text-anchor="{anchor}">{content}</text>'
        )

    def svg(self) -> str:
        """Return the whole document."""
        card = Drawing(0, 0, "")
        card.rect((0.5, 0.5), (self.width - 1, self.height - 1), "card", radius=8)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}"'
            f' viewBox="0 0 {self.width} {self.height}" role="img">'
        )
        return "\n".join(
            [
                head,
                f"<title>{escape(self.title)}</title>",
                f"<style>{style()}</style>",
                *card.parts,
                *self.parts,
                "</svg>",
                "",
            ]
        )


def subscripts(words: str) -> str:
    """Turn `c_{t-1}` and `c_t` into lowered spans."""
    out, rest = "", words
    while "_" in rest:
        before, _, rest = rest.partition("_")
        low, rest = rest[1:].split("}", 1) if rest.startswith("{") else (rest[0], rest[1:])
        out += f'{escape(before)}<tspan dy="4" font-size="12">{escape(low)}</tspan>'
        # A moved base line stays moved: the first thing after it goes back up.
        if rest:
            out, rest = f'{out}<tspan dy="-4">{escape(rest[0])}</tspan>', rest[1:]
    return out + escape(rest)


class Plot:
    """A rectangle of a drawing in which data have coordinates."""

    def __init__(self, drawing: Drawing, corner: Point, size: Point, x: Point, y: Point) -> None:
        self.drawing, self.corner, self.size, self.x, self.y = drawing, corner, size, x, y

    def at(self, x: float, y: float) -> Point:
        """Return the place of a datum on the drawing."""
        (left, top), (width, height) = self.corner, self.size
        return (
            left + width * (x - self.x[0]) / (self.x[1] - self.x[0]),
            top + height * (self.y[1] - y) / (self.y[1] - self.y[0]),
        )

    def grid(self, xs: Iterable[float], ys: Iterable[float], *, label: Callable[[float], str] = number) -> None:
        """Draw grid lines with their numbers, the zero lines darker."""
        for x in xs:
            self.drawing.line([self.at(x, self.y[0]), self.at(x, self.y[1])], "grey" if x == 0 else "faint", width=1)
            left, bottom = self.at(x, self.y[0])
            self.drawing.text((left, bottom + 17), number(x).replace("-", "−"), "f-grey small")
        for y in ys:
            self.drawing.line([self.at(self.x[0], y), self.at(self.x[1], y)], "grey" if y == 0 else "faint", width=1)
            left, middle = self.at(self.x[0], y)
            self.drawing.text((left - 8, middle + 4), label(y).replace("-", "−"), "f-grey small", anchor="end")

    def curve(self, f: Curve, colour: str, *, dash: str = "", steps: int = 160) -> None:
        """Plot a function over the whole width, leaving out what lies outside of the rectangle."""
        low, high = self.x
        points = ((x, f(x)) for x in (low + (high - low) * k / steps for k in range(steps + 1)))
        inside = [self.at(x, y) for x, y in points if self.y[0] <= y <= self.y[1]]
        self.drawing.line(inside, colour, width=2.5, dash=dash)


def sigmoid(x: float) -> float:
    """Return the logistic function."""
    return 1 / (1 + math.exp(-x))


def activation() -> Drawing:
    """Sigmoid, tanh and ReLU beside their derivatives."""
    d = Drawing(720, 330, "Sigmoid, tanh and ReLU (left) and their derivatives (right)")
    values = Plot(d, (50, 50), (290, 200), (-4, 4), (-1.5, 2.5))
    slopes = Plot(d, (400, 50), (290, 200), (-4, 4), (-0.1, 1.2))
    d.text((195, 32), "Activation", "f-ink head")
    d.text((545, 32), "Derivative", "f-ink head")
    values.grid([-4, -2, 0, 2, 4], [-1, 0, 1, 2])
    slopes.grid([-4, -2, 0, 2, 4], [0, 0.25, 0.5, 1], label=lambda y: f"{y:g}")
    values.curve(sigmoid, "blue")
    values.curve(math.tanh, "red")
    values.curve(lambda x: max(0.0, x), "green")
    slopes.curve(lambda x: sigmoid(x) * (1 - sigmoid(x)), "blue")
    slopes.curve(lambda x: 1 - math.tanh(x) ** 2, "red")
    # ReLU has no derivative at 0: two pieces, not one line with a slope between them.
    d.line([slopes.at(-4, 0), slopes.at(0, 0)], "green", width=2.5)
    d.line([slopes.at(0, 1), slopes.at(4, 1)], "green", width=2.5)
    for left, name, colour in ((190, "sigmoid", "blue"), (330, "tanh", "red"), (440, "ReLU", "green")):
        d.line([(left, 302), (left + 28, 302)], colour, width=3)
        d.text((left + 36, 307), name, anchor="start")
    return d


def sheets(d: Drawing, corner: Point, colours: Sequence[str]) -> None:
    """Draw a stack of 4×4 feature maps, the last one in front, with one pixel marked through all of them."""
    cell, shift = 22, 14
    for depth, colour in enumerate(colours):
        x0, y0 = corner[0] + depth * shift, corner[1] + depth * shift
        d.rect((x0, y0), (4 * cell, 4 * cell), "card")
        d.rect((x0, y0), (4 * cell, 4 * cell), f"w-{colour} s-{colour}")
        for k in (1, 2, 3):
            d.line([(x0 + k * cell, y0), (x0 + k * cell, y0 + 4 * cell)], colour, width=0.5)
            d.line([(x0, y0 + k * cell), (x0 + 4 * cell, y0 + k * cell)], colour, width=0.5)
        d.rect((x0 + 3 * cell, y0), (cell, cell), f"f-{colour} s-{colour}")


def conv1x1() -> Drawing:
    """A 1×1 convolution as one matrix product per pixel."""
    d = Drawing(720, 270, "A 1x1 convolution multiplies the channel vector of every pixel by the same matrix")
    channels = ("blue", "red", "green", "violet")
    sheets(d, (36, 66), channels)
    d.text((101, 232), "H × W × 4", "f-ink head")
    d.text((101, 40), "input", "f-grey")
    d.arrow([(190, 132), (262, 132)])
    d.text((226, 120), "one pixel", "f-grey small")
    for row in range(2):
        for column, colour in enumerate(channels):
            d.rect((284 + 28 * column, 104 + 28 * row), (28, 28), f"w-{colour} s-grey")
    d.text((340, 190), "W : 2 × 4", "math f-ink")
    d.text((340, 208), "shared by all pixels", "f-grey small")
    d.text((411, 138), "×", "f-ink head")
    for row, colour in enumerate(channels):
        d.rect((426, 76 + 28 * row), (28, 28), f"f-{colour} s-{colour}")
    d.text((440, 208), "x : 4", "math f-ink")
    d.text((471, 138), "=", "f-ink head")
    for row in range(2):
        d.rect((488, 104 + 28 * row), (28, 28), "f-ink s-faint")
    d.text((502, 190), "y : 2", "math f-ink")
    d.arrow([(530, 132), (582, 132)])
    sheets(d, (598, 81), ("ink", "ink"))
    d.text((648, 232), "H × W × 2", "f-ink head")
    d.text((648, 40), "output", "f-grey")
    return d


def lstm_cell() -> Drawing:
    """The gates of an LSTM cell and the straight path of its cell state."""
    d = Drawing(
        720, 360, "LSTM cell: the cell state passes one multiplication and one addition; four layers read h and x"
    )
    d.rect((120, 30), (500, 280), "s-faint", radius=16)
    top, bottom, layer = 80, 270, 200
    d.arrow([(60, top), (206, top)], "red", width=3)
    d.arrow([(234, top), (376, top)], "red", width=3)
    d.arrow([(404, top), (670, top)], "red", width=3)
    d.line([(60, bottom), (500, bottom)], "grey")
    d.line([(160, 340), (160, bottom)], "grey")
    for x, name, kind, colour in (
        (220, "f_t", "σ", "blue"),
        (310, "i_t", "σ", "green"),
        (390, "g_t", "tanh", "green"),
        (500, "o_t", "σ", "violet"),
    ):
        d.arrow([(x, bottom), (x, layer + 30)])
        d.rect((x - 28, layer), (56, 30), f"w-{colour} s-{colour}", radius=4)
        d.text((x, layer + 20), kind)
        d.text((x + 12, layer - 12), name, "math f-ink", anchor="start")
    d.arrow([(220, layer), (220, top + 14)], "blue")
    d.arrow([(310, layer), (310, 140), (376, 140)], "green")
    d.arrow([(390, layer), (390, 154)], "green")
    d.arrow([(390, 126), (390, top + 14)], "green")
    d.arrow([(570, top), (570, 110)], "red")
    d.rect((542, 110), (56, 30), "w-red s-red", radius=4)
    d.text((570, 130), "tanh")
    d.arrow([(570, 140), (570, 201)], "red")
    d.arrow([(528, 215), (556, 215)], "violet")
    d.arrow([(570, 229), (570, bottom), (670, bottom)])
    for centre, sign, colour in (
        ((220, top), "×", "blue"),
        ((390, top), "+", "red"),
        ((390, 140), "×", "green"),
        ((570, 215), "×", "violet"),
    ):
        d.circle(centre, 14, "card")
        d.circle(centre, 14, f"w-{colour} s-{colour}")
        d.text((centre[0], centre[1] + 5), sign, "f-ink head")
    for place, name in (
        ((36, top + 5), "c_{t-1}"),
        ((688, top + 5), "c_t"),
        ((36, bottom + 5), "h_{t-1}"),
        ((688, bottom + 5), "h_t"),
    ):
        d.text(place, name.replace("-", "−"), "math f-ink")
    d.text((184, 340), "x_t", "math f-ink")
    return d


def importance(x: float) -> float:
    """Return a score that depends on the first of two settings only, with one peak."""
    return math.exp(-(((x - 0.72) / 0.14) ** 2))


def search() -> Drawing:
    """Nine trials on a grid and nine at random, seen from the one setting that matters."""
    d = Drawing(720, 400, "Nine trials: a grid tries three values of the important setting, random search nine")
    third = (1 / 6, 1 / 2, 5 / 6)
    chance = random.Random(2012)  # noqa: S311 - dots of a picture, the same on every run
    dots = [(chance.random(), chance.random()) for _ in range(9)]
    for left, name, trials in (
        (60, "Grid search", [(x, y) for x in third for y in third]),
        (420, "Random search", dots),
    ):
        score = Plot(d, (left, 50), (240, 80), (0, 1), (0, 1.1))
        space = Plot(d, (left, 140), (240, 200), (0, 1), (0, 1))
        d.text((left + 120, 32), name, "f-ink head")
        for x in sorted({x for x, _ in trials}):
            d.line([space.at(x, 0), space.at(x, 1)], "faint", width=1)
            d.line([space.at(x, 1), score.at(x, importance(x))], "red", width=1, dash="3 3")
        score.curve(importance, "green")
        d.rect((left, 140), (240, 200), "s-grey")
        for x, y in trials:
            d.circle(space.at(x, y), 5, "f-blue")
            d.circle(score.at(x, importance(x)), 3.5, "f-red")
        d.text((left + 120, 361), f"{len({x for x, _ in trials})} values of it tried in {len(trials)} trials", "f-ink")
        d.text((left + 120, 382), "important setting →", "f-grey small")
    d.parts.append('<g transform="translate(44 240) rotate(-90)">')
    d.text((0, 0), "unimportant setting →", "f-grey small")
    d.parts.append("</g>")
    d.text((52, 96), "score", "f-green small", anchor="end")
    return d


def descent(rate: float, steps: int) -> list[Point]:
    """Return (step, log10 of the loss) of gradient descent on f(a, b) = (a² + 10 b²) / 2 from (1, 1)."""
    a, b, path = 1.0, 1.0, []
    for step in range(steps + 1):
        path.append((float(step), math.log10((a * a + 10 * b * b) / 2)))
        a, b = a - rate * a, b - rate * 10 * b
    return path


def learning_rate() -> Drawing:
    """The loss of gradient descent on a quadratic, for four learning rates."""
    d = Drawing(720, 360, "Loss of gradient descent on a quadratic with curvatures 1 and 10, for four learning rates")
    plot = Plot(d, (70, 40), (440, 260), (0, 40), (-4, 2))
    plot.grid([0, 10, 20, 30, 40], [-4, -2, 0, 2], label=lambda y: {0: "1", 2: "100"}.get(int(y), f"1e{y:g}"))
    d.text((290, 345), "step", "f-grey")
    d.text((70, 26), "loss (log scale)", "f-grey", anchor="start")
    rows = (
        (0.205, "red", "η = 0.205", "above 2/λ: diverges"),
        (0.01, "blue", "η = 0.01", "small: steady but slow"),
        (0.198, "violet", "η = 0.198", "just below 2/λ: oscillates"),
        (2 / 11, "green", "η = 2/11", "the best constant rate here"),
    )
    for row, (rate, colour, name, remark) in enumerate(rows):
        d.line([plot.at(x, y) for x, y in descent(rate, 40) if -4 <= y <= 2], colour, width=2.5)
        top = 78 + 56 * row
        d.line([(528, top - 5), (552, top - 5)], colour, width=3)
        d.text((560, top), name, "f-ink head", anchor="start")
        d.text((528, top + 19), remark, "f-grey small", anchor="start")
    return d


def hinge_loss() -> Drawing:
    """Loss over the margin: hinge, squared hinge, logistic, and the 0-1 loss that they stand for."""
    d = Drawing(720, 340, "Hinge, squared hinge and logistic loss as functions of the margin m")
    plot = Plot(d, (60, 36), (420, 240), (-2, 3), (0, 4))
    d.rect(plot.at(1, 4), (plot.at(3, 0)[0] - plot.at(1, 0)[0], 240), "w-green")
    plot.grid([-2, -1, 0, 1, 2, 3], [0, 1, 2, 3, 4])
    d.line([plot.at(-2, 1), plot.at(0, 1)], "grey", width=2, dash="5 4")
    d.line([plot.at(0, 0), plot.at(3, 0)], "grey", width=2, dash="5 4")
    plot.curve(lambda m: math.log1p(math.exp(-m)), "blue")
    plot.curve(lambda m: max(0.0, 1 - m) ** 2, "violet")
    plot.curve(lambda m: max(0.0, 1 - m), "red")
    d.text((270, 318), "m = s_y − s_j", "math f-ink")
    d.text((plot.at(2, 0)[0], 58), "margin kept", "f-green small")
    for row, (colour, name, dash) in enumerate(
        (("red", "hinge", ""), ("violet", "squared hinge", ""), ("blue", "logistic", ""), ("grey", "0-1 loss", "5 4"))
    ):
        d.line([(510, 90 + 34 * row), (538, 90 + 34 * row)], colour, width=3, dash=dash)
        d.text((548, 95 + 34 * row), name, anchor="start")
    return d


DIAGRAMS: dict[str, Callable[[], Drawing]] = {
    "activation.svg": activation,
    "conv1x1.svg": conv1x1,
    "hinge-loss.svg": hinge_loss,
    "learning-rate.svg": learning_rate,
    "lstm-cell.svg": lstm_cell,
    "search.svg": search,
}


def main() -> int:
    """Write the diagrams, or with `--check` compare them; return the exit code."""
    parser = argparse.ArgumentParser(description="Draw the diagrams of answers/assets.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when a file is not what would be drawn"
    )
    parser.add_argument("--assets", type=Path, default=ASSETS, help="the folder they lie in")
    options = parser.parse_args()
    drawn = {options.assets / name: draw().svg().encode() for name, draw in DIAGRAMS.items()}
    stale = [path for path, data in drawn.items() if not path.is_file() or path.read_bytes() != data]
    if options.check:
        for path in stale:
            print(f"{path} is not what scripts/diagrams.py draws; run it", file=sys.stderr)
        return 1 if stale else 0
    options.assets.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_bytes(drawn[path])
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
