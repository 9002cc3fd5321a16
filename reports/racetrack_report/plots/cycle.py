"""A deadlock as a graph: threads round, locks square. Graphviz places the nodes; it gets numbers, never names."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle
from matplotlib.path import Path

from ..model import Lock, Thread
from ..palette import ink
from . import canvas

HEIGHT = 0.62  # inches, of a node
LONGEST = 26  # characters of a name in a node; the text next to the graph has the whole name
MOST_NODES = 40
WIDE = 4.6  # inches: a drawing at least this wide does not fit next to another
PATIENCE_S = 20


class NotDrawn(Exception):
    """The reason why there is no graph."""


@dataclass(frozen=True)
class Drawing(canvas.Svg):
    """The graph, and whether it is small enough for a panel."""

    small: bool = True


@dataclass(frozen=True)
class Node:
    """A thread or a lock, with its two lines of text."""

    thread: bool
    name: str
    kind: str

    @property
    def width(self) -> float:
        return max(1.0, 0.105 * max(len(self.name), len(self.kind)) + (0.5 if self.thread else 0.3))


@dataclass(frozen=True)
class Graph:
    """Nodes, and edges between their indices: (from, to, label)."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class Layout:
    """In inches: size, the centre of every node, and the points of each edge's Bézier curve."""

    width: float
    height: float
    nodes: tuple[tuple[float, float], ...]
    edges: tuple[tuple[tuple[float, float], ...], ...]


def graph_of(threads: Sequence[Thread]) -> Graph:
    """The held and wanted locks of each thread. A lock is identified by its name; unnamed locks are all different."""
    nodes = [Node(True, _short(thread.name or "thread"), "") for thread in threads]
    edges: list[tuple[int, int, str]] = []
    known: dict[str, int] = {}

    def lock_node(lock: Lock) -> int:
        key = lock.name or f"\0{len(nodes)}"
        if key not in known:
            known[key] = len(nodes)
            nodes.append(Node(False, _short(lock.name or "a lock"), _short(lock.kind.split("_", maxsplit=1)[0])))
        return known[key]

    for place, thread in enumerate(threads):
        edges += [(lock_node(lock), place, "held by") for lock in thread.holds]
        awaited = _awaited(thread, threads)
        if awaited is not None:
            edges.append((place, awaited, "waits for"))
        elif thread.wants is not None:
            edges.append((place, lock_node(thread.wants), "wants"))
    return Graph(tuple(nodes), tuple(dict.fromkeys(edges)))


def _awaited(thread: Thread, threads: Sequence[Thread]) -> int | None:
    """The index of the thread whose end this one waits for."""
    if thread.wants is None or thread.wants.kind != "join":
        return None
    return next((place for place, other in enumerate(threads) if other.name == thread.wants.name), None)


def source(graph: Graph) -> str:
    """The graph for Graphviz: sizes and numbers only."""
    nodes = "".join(
        f"n{i} [shape={'ellipse' if node.thread else 'box'}, width={node.width:.2f}, height={HEIGHT}];\n"
        for i, node in enumerate(graph.nodes)
    )
    edges = "".join(f"n{tail} -> n{head};\n" for tail, head, _ in graph.edges)
    layout_options = 'mindist=0.9; splines=line; node [label="", fixedsize=true];\nedge [arrowhead=none];'
    return f"digraph {{ {layout_options}\n{nodes}{edges}}}\n"


def layout(graph: Graph) -> Layout:
    """The positions that Graphviz computes. Raises NotDrawn if it cannot."""
    program = shutil.which("dot")
    if program is None:
        raise NotDrawn("Graphviz (dot) is not installed")
    try:
        done = subprocess.run(
            [program, "-Kcirco", "-Tplain"],
            input=source(graph),
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )
        return parse(done.stdout, graph)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError, KeyError) as error:
        raise NotDrawn("Graphviz (dot) failed") from error


def parse(plain: str, graph: Graph) -> Layout:
    """Graphviz's plain format: 'graph scale width height', 'node name x y ...', 'edge tail head n x1 y1 ...'."""
    size: tuple[float, float] | None = None
    nodes: dict[str, tuple[float, float]] = {}
    edges: dict[tuple[str, str], list[tuple[tuple[float, float], ...]]] = {}
    for line in plain.splitlines():
        words = line.split()
        if words[:1] == ["graph"]:
            size = (float(words[2]), float(words[3]))
        elif words[:1] == ["node"]:
            nodes[words[1]] = (float(words[2]), float(words[3]))
        elif words[:1] == ["edge"]:
            numbers = [float(word) for word in words[4 : 4 + 2 * int(words[3])]]
            edges.setdefault((words[1], words[2]), []).append(tuple(zip(numbers[::2], numbers[1::2])))
    if size is None:
        raise ValueError("no graph")
    return Layout(
        *size,
        tuple(nodes[f"n{i}"] for i in range(len(graph.nodes))),
        tuple(edges[(f"n{tail}", f"n{head}")].pop(0) for tail, head, _ in graph.edges),
    )


def draw(name: str, threads: Sequence[Thread], label: str) -> Drawing:
    """The cycle of these threads. Raises NotDrawn if there is nothing to draw, or Graphviz fails."""
    graph = graph_of(threads)
    if not graph.edges:
        raise NotDrawn("no thread holds or wants a lock that the record names")
    if len(graph.nodes) > MOST_NODES:
        raise NotDrawn(f"{len(graph.nodes)} threads and locks are too many for a drawing")
    places = layout(graph)
    margin = 0.12
    width, height = max(3.4, places.width + 2 * margin), places.height + 2 * margin
    wide = width > WIDE
    if wide:  # as wide as other figures, so that the font has the same size
        width = max(canvas.WIDTH, width)
    figure, axes = canvas.blank(width, height)
    left = margin if wide else (width - places.width) / 2
    axes.set_xlim(-left, width - left)
    axes.set_ylim(-margin, height - margin)
    for (_, _, word), points in zip(graph.edges, places.edges):
        _edge(axes, points, word)
    for node, (x, y) in zip(graph.nodes, places.nodes):
        shape = (
            Ellipse((x, y), node.width, HEIGHT)
            if node.thread
            else Rectangle((x - node.width / 2, y - HEIGHT / 2), node.width, HEIGHT)
        )
        shape.set(facecolor=ink("paper" if node.thread else "shade"), edgecolor=ink("ink"), linewidth=1.3, zorder=3)
        axes.add_patch(shape)
        text = f"{node.name}\n{node.kind}" if node.kind else node.name
        axes.text(x, y, text, ha="center", va="center", fontsize=12, color=ink("ink"), zorder=4, linespacing=1.15)
    svg = canvas.finish(figure, name, label)
    return Drawing(svg.markup, svg.rules, not wide)


def _edge(axes: Axes, points: Sequence[tuple[float, float]], word: str) -> None:
    wanted = word != "held by"
    codes = [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1)
    axes.add_patch(
        FancyArrowPatch(
            path=Path(points, codes),
            arrowstyle="-|>",
            mutation_scale=11,
            color=ink("accent" if wanted else "ink"),
            linestyle="--" if wanted else "-",
            linewidth=1.4,
            zorder=2,
        )
    )
    (x0, y0), (x1, y1) = points[0], points[-1]
    axes.text(
        (x0 + x1) / 2,
        (y0 + y1) / 2,
        word,
        ha="center",
        va="center",
        fontsize=11,
        color=ink("accent" if wanted else "ink"),
        zorder=2.5,
        bbox={"facecolor": ink("paper"), "edgecolor": "none", "pad": 1.0},
    )


def _short(name: str) -> str:
    text = " ".join(name.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
