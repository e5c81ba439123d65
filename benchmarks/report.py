"""What was measured, as a Markdown table and as a drawing."""

from collections.abc import Sequence
from html import escape

from benchmarks.measuring import Results

HEAD = (
    "| | server | CPU ms: server + database | ratio | requests/s | p50 ms | p99 ms | SQL | bytes |"
)
LEFT, BAR, GAP, SCALE = 190, 18, 14, 480
COLOURS = {"server": "#d98e04", "database": "#5b7083"}


def table(results: Results, servers: Sequence[str], base: str) -> str:
    """A row for each case and server; ratios are of CPU a request, to that of `base`."""
    lines = [HEAD, "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    for case in _cases(results):
        for server in servers:
            one = results.get((case, server))
            if one is None:
                continue
            beside = results.get((case, base))
            ratio = f"{one.both / beside.both:.2f}" if beside else ""
            lines.append(
                f"| {case} | {server} | {one.server:.2f} + {one.database:.2f} | {ratio} "
                f"| {one.per_second:,.0f} | {one.p50:.1f} | {one.p99:.1f} "
                f"| {one.statements:.1f} | {one.bytes:,.0f} |"
            )
    return "\n".join(lines) + "\n"


def ratios(results: Results, servers: Sequence[str], base: str) -> str:
    """A row for each case that `base` answers: everybody's CPU a request in units of its own."""
    others = [server for server in servers if server != base]
    lines = [f"| | {' | '.join(others)} |", "|---|" + "--:|" * len(others)]
    for case in _cases(results):
        beside = results.get((case, base))
        if beside is None:
            continue
        cells = [results.get((case, server)) for server in others]
        shown = [f"{cell.both / beside.both:.2f}" if cell else "" for cell in cells]
        lines.append(f"| {case} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def plot(results: Results, servers: Sequence[str], title: str) -> str:
    """A drawing (SVG) of CPU a request: a bar for each case and server."""
    most = max(one.both for one in results.values())
    y, parts = 56, []
    for case in _cases(results):
        parts.append(_text(10, y + 12, case, weight="bold"))
        for server in servers:
            one = results.get((case, server))
            if one is None:
                continue
            y += BAR + 2
            parts.append(_text(24, y + 12, server))
            width, rest = SCALE * one.server / most, SCALE * one.database / most
            parts.append(_bar(LEFT, y, width, COLOURS["server"]))
            parts.append(_bar(LEFT + width, y, rest, COLOURS["database"]))
            shown = f"{one.server:.2f} + {one.database:.2f}"
            parts.append(_text(LEFT + width + rest + 6, y + 12, shown))
        y += BAR + GAP
    head = [
        _text(10, 20, title, weight="bold"),
        _text(10, 38, "Milliseconds of CPU a request: server (yellow) + database (grey)"),
    ]
    size = f'width="{LEFT + SCALE + 110}" height="{y + 10}"'
    style = "font-family: sans-serif; font-size: 12px; background: white"
    body = "\n".join([*head, *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{style}">\n{body}\n</svg>\n'


def _cases(results: Results) -> list[str]:
    return list(dict.fromkeys(case for case, _ in results))


def _bar(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, *, weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y}" font-weight="{weight}">{escape(text)}</text>'
