"""Mermaid's flow charts, drawn when the site is built: a page then needs no script from elsewhere.

Known is what the course uses: ``graph LR`` or ``flowchart TD``, nodes such as ``F[features]`` or
``a["text"]``, arrows ``-->`` in chains, and ``-. text .->`` for an arrow back.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

__all__ = ["DiagramError", "draw", "parse"]

NODE = re.compile(r'(\w+)(?:\["?([^"\]]+)"?\])?')
ARROW = re.compile(r"\s*(-->|-\.(?:\s*(.*?)\s*\.)?->)\s*")
LETTER, LINE, GAP, BETWEEN = 8.0, 40.0, 24.0, 46.0  # pixels


class DiagramError(ValueError):
    """A diagram that this module cannot draw."""


@dataclass
class Chart:
    """A flow chart: its direction, the text of each node, arrows (from, to, text, dotted)."""

    direction: str
    nodes: dict[str, str] = field(default_factory=dict)
    arrows: list[tuple[str, str, str, bool]] = field(default_factory=list)


def parse(source: str) -> Chart:
    """Read a flow chart. Raises `DiagramError` for a line that is none of the known ones."""
    first, *lines = [line.strip() for line in source.strip().splitlines()]
    opening = re.fullmatch(r"(?:graph|flowchart) (LR|TD)", first)
    if not opening:
        raise DiagramError(f"“{first}”: only graph and flowchart, LR or TD, can be drawn")
    chart = Chart(opening[1])
    for line in filter(None, lines):
        position, before = 0, None
        dotted, said = False, ""
        while position < len(line):
            node = NODE.match(line, position)
            if not node:
                raise DiagramError(f"“{line}”: a node such as A[text] is expected")
            name, text = node[1], node[2]
            chart.nodes[name] = text or chart.nodes.get(name, name)
            if before:
                chart.arrows.append((before, name, said, dotted))
            before, position = name, node.end()
            arrow = ARROW.match(line, position)
            if position < len(line) and not arrow:
                raise DiagramError(f"“{line}”: an arrow --> or -. text .-> is expected")
            if arrow:
                dotted, said, position = arrow[1] != "-->", arrow[2] or "", arrow.end()
    return chart


def ranks(chart: Chart) -> dict[str, int]:
    """Return the layer of each node: one more than the lowest of those that lead to it."""
    rank = dict.fromkeys(chart.nodes, 0)
    forward = [(a, b) for a, b, _, dotted in chart.arrows if not dotted]
    for _ in chart.nodes:
        for a, b in forward:
            rank[b] = max(rank[b], rank[a] + 1)
    if any(rank[b] <= rank[a] for a, b in forward):
        raise DiagramError("arrows run in a circle: dot the one that leads back, -. text .->")
    return rank


def draw(source: str) -> str:
    """Return a Mermaid flow chart as an SVG, with a text for those who do not see it."""
    chart = parse(source)
    rank = ranks(chart)
    layers = [[n for n in chart.nodes if rank[n] == r] for r in range(max(rank.values()) + 1)]
    for upper, lower in zip(layers, layers[1:]):  # below the middle of those that lead to it
        place = {name: i / max(1, len(upper) - 1) for i, name in enumerate(upper)}
        above = {b: [place[a] for a, c, _, _ in chart.arrows if c == b and a in place]
                 for b in lower}  # fmt: skip
        lower.sort(key=lambda name: sum(above[name]) / len(above[name]) if above[name] else 0.5)
    size = {name: (LETTER * len(text) + 26, LINE) for name, text in chart.nodes.items()}
    down = chart.direction == "TD"
    boxes, along, across = {}, 8.0, 0.0
    widths = [sum(size[n][0 if down else 1] + GAP for n in layer) - GAP for layer in layers]
    for layer, width in zip(layers, widths):
        start = (max(widths) - width) / 2 + 8
        depth = max(size[n][1 if down else 0] for n in layer)
        for name in layer:
            wide, high = size[name]
            boxes[name] = (start, along, wide, high) if down else (along, start, wide, high)
            start += (wide if down else high) + GAP
        along += depth + BETWEEN
        across = max(across, start - GAP + 8)
    back = 46.0 if any(dotted for *_, dotted in chart.arrows) else 0.0
    long = along - BETWEEN + 8
    width, height = (across, long) if down else (long, across + back)
    parts = []
    for a, b, said, dotted in chart.arrows:
        parts.append(line(boxes[a], boxes[b], down, dotted, said))
    for name, (x, y, wide, high) in boxes.items():
        text = html.escape(chart.nodes[name])
        parts.append(f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="8"/>')
        parts.append(f'<text x="{x + wide / 2:g}" y="{y + high / 2 + 5:g}">{text}</text>')
    told = "; ".join(
        f"{chart.nodes[a]} to {chart.nodes[b]}{f' ({said})' if said else ''}"
        for a, b, said, _ in chart.arrows
    )
    return (
        f'<svg class="diagram" role="img" aria-label="Diagram: {html.escape(told)}" '
        f'viewBox="0 0 {width:g} {height:g}" style="max-width:{width:g}px">'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        + "".join(parts)
        + "</svg>"
    )


def line(start, end, down: bool, dotted: bool, said: str) -> str:
    """Draw an arrow from one box to another; a dotted one runs back, below the boxes."""
    (x, y, wide, high), (x2, y2, wide2, high2) = start, end
    if dotted:
        a, b, low = x + wide / 2, x2 + wide2 / 2, max(y + high, y2 + high2) + 30
        path = f"M{a:g} {y + high:g}C{a:g} {low:g} {b:g} {low:g} {b:g} {y2 + high2 + 2:g}"
        text = f'<text x="{(a + b) / 2:g}" y="{low + 9:g}">{html.escape(said)}</text>'
        return f'<path class="dotted" d="{path}"/>{text}'
    if down:
        a, b, middle = x + wide / 2, x2 + wide2 / 2, (y + high + y2) / 2
        return f'<path d="M{a:g} {y + high:g}C{a:g} {middle:g} {b:g} {middle:g} {b:g} {y2:g}"/>'
    a, b, middle = y + high / 2, y2 + high2 / 2, (x + wide + x2) / 2
    return f'<path d="M{x + wide:g} {a:g}C{middle:g} {a:g} {middle:g} {b:g} {x2:g} {b:g}"/>'
