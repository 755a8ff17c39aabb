"""Bars over the order of events, as text and as SVG. The axis counts events: it is the same at every run
with the same order, and it does not claim to show how long anything took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.lens.show import Html, escape

MOST_ROWS = 14
_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Bar:
    """From event `start` to event `end` (None: not ended while watched), on the row `label`; `lost` draws
    it dashed."""

    label: str
    start: int
    end: int | None = None
    lost: bool = False


def _rows(bars: Sequence[Bar]) -> dict[str, list[Bar]]:
    rows: dict[str, list[Bar]] = {}
    for bar in bars:
        rows.setdefault(bar.label, []).append(bar)
    return rows


def text(bars: Sequence[Bar], events: int) -> list[str]:
    """One line a row: `|--|` from the event that began it to the one that ended it, `|-->` if it had not
    ended."""
    rows = _rows(bars)
    labels = max((len(label) for label in rows), default=0)
    step = max(1, min(3, _WIDTH // max(1, events)))

    def at(event: int) -> int:
        return event * step if events * step <= _WIDTH else event * _WIDTH // events

    lines: list[str] = []
    for label, items in list(rows.items())[:MOST_ROWS]:
        line = [" "] * (at(events) + 2)
        for bar in items:
            left = at(bar.start)
            right = max(left + 1, at(bar.end if bar.end is not None else events))
            line[left : right + 1] = ["|", *"-" * (right - left - 1), "|" if bar.end is not None else ">"]
        lines.append(f"  {label:<{labels}}  {''.join(line).rstrip()}")
    if len(rows) > MOST_ROWS:
        lines.append(f"  ... and {len(rows) - MOST_ROWS} more rows")
    return lines


def _frame(title: str, description: str, width: float, height: float, body: str) -> Html:
    return Html(
        f'<svg role="img" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'xmlns="http://www.w3.org/2000/svg" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f"<desc>{escape(description)}</desc>{body}</svg>"
    )


def svg(bars: Sequence[Bar], events: int, *, title: str, description: str) -> Html:
    """The same picture as SVG; `title` and `description` are its text alternative."""
    rows = _rows(bars)
    left = 16 + 7.0 * max((len(label) for label in rows), default=0)
    step = max(3.0, min(32.0, 600 / max(1, events)))
    shown = list(rows.items())[:MOST_ROWS]
    width, bottom = left + step * max(1, events) + 16, 24.0 * len(shown) + 4
    parts: list[str] = []
    for index, (label, items) in enumerate(shown):
        top = 24.0 * index + 4
        parts.append(f'<text x="0" y="{top + 14:g}">{escape(label)}</text>')
        for bar in items:
            start = left + step * bar.start
            length = max(step, left + step * (events if bar.end is None else bar.end) - start)
            css = "cl-lost" if bar.lost else "cl-bar"
            parts.append(
                f'<rect class="{css}" x="{start:g}" y="{top:g}" width="{length:g}" height="18" rx="2"></rect>'
            )
            if bar.end is None:
                word = "lost" if bar.lost else "not ended"
                parts.append(f'<text class="cl-dim" x="{start + 4:g}" y="{top + 14:g}">{word}</text>')
    if len(rows) > MOST_ROWS:
        bottom += 18
        parts.append(f'<text class="cl-dim" x="0" y="{bottom - 4:g}">and {len(rows) - MOST_ROWS} more</text>')
    parts.append(f'<path class="cl-rule" d="M{left:g} {bottom:g}H{width - 16:g}"></path>')
    note = "order of events (not to scale)"
    parts.append(f'<text class="cl-dim" x="{left:g}" y="{bottom + 16:g}">{note}</text>')
    return _frame(title, description, max(width, left + 200), bottom + 22, "".join(parts))


def steps(levels: Sequence[int], *, title: str, description: str) -> Html:
    """A staircase: `levels[i]` is the number after event i."""
    high = max(levels, default=0)
    unit = max(4.0, min(24.0, 110 / max(1, high)))
    step = max(3.0, min(32.0, 600 / max(1, len(levels))))
    base, left = unit * high + 8, 30.0
    path = f"M{left:g} {base:g}"
    for index, level in enumerate(levels):
        path += f"H{left + step * index:g}V{base - unit * level:g}"
    width = left + step * max(1, len(levels))
    path += f"H{width:g}V{base:g}Z"
    parts = [f'<path class="cl-bar" d="{path}"></path>']
    for level in sorted({0, high}):
        parts.append(
            f'<text x="{left - 10:g}" y="{base - unit * level + 4:g}" text-anchor="end">{level}</text>'
        )
    parts.append(f'<path class="cl-rule" d="M{left:g} {base:g}H{width:g}"></path>')
    note = "order of events (not to scale)"
    parts.append(f'<text class="cl-dim" x="{left:g}" y="{base + 16:g}">{note}</text>')
    return _frame(title, description, max(width + 16, left + 200), base + 22, "".join(parts))
