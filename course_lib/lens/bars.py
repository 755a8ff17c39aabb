"""Bars over the order of events, as text and as SVG. The axis counts events: it is the same at every run
with the same order, and it does not claim to show how long anything took. `ratios` alone compares times."""

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


@dataclass(frozen=True, slots=True)
class Stairs:
    """One staircase of `steps`: `levels[i]` is the number after event i; the events `marks` were a `word`."""

    name: str
    levels: Sequence[int]
    word: str
    marks: Sequence[int] = ()


def steps(stairs: Sequence[Stairs], *, title: str, description: str) -> Html:
    """Staircases below each other, over the same events. A marked event has a cross and its word."""
    events = max((len(each.levels) for each in stairs), default=0)
    step, left, base = max(3.0, min(32.0, 600 / max(1, events))), 30.0, 0.0
    width = left + step * max(1, events)
    parts: list[str] = []
    for each in stairs:
        high = max(each.levels, default=0)
        unit = max(4.0, min(24.0, 80 / max(1, high)))
        parts.append(f'<text x="0" y="{base + 14:g}">{escape(each.name)}</text>')
        base += unit * high + 40
        path = f"M{left:g} {base:g}"
        for index, level in enumerate(each.levels):
            path += f"H{left + step * index:g}V{base - unit * level:g}"
        parts.append(f'<path class="cl-bar" d="{path}H{width:g}V{base:g}Z"></path>')
        for level in sorted({0, high}):
            y = base - unit * level + 4
            parts.append(f'<text x="{left - 10:g}" y="{y:g}" text-anchor="end">{level}</text>')
        word_free = 0.0  # words that would lie on each other are left out: the cross says the same
        for mark in each.marks:
            x, y = left + step * mark, base - unit * each.levels[mark]
            cross = f"M{x - 4:g} {y - 12:g}l8 8m0 -8l-8 8"
            parts.append(f'<path d="{cross}" stroke="var(--cl-bad)" stroke-width="2"></path>')
            if x >= word_free:
                parts.append(f'<text x="{x + 8:g}" y="{y - 4:g}">{escape(each.word)}</text>')
                word_free = x + 8 + 7.0 * len(each.word)
        parts.append(f'<path class="cl-rule" d="M{left:g} {base:g}H{width:g}"></path>')
        base += 8
    note = "order of events (not to scale)"
    parts.append(f'<text class="cl-dim" x="{left:g}" y="{base + 10:g}">{note}</text>')
    return _frame(title, description, max(width + 60, left + 200), base + 16, "".join(parts))


@dataclass(frozen=True, slots=True)
class Ratio:
    """One bar of `ratios`: its length, the words behind it, and a small mark for each of `marks` (all in
    multiples of the shortest bar)."""

    label: str
    length: float
    words: str
    marks: Sequence[float] = ()


_ROOM, _EDGE, _TOO_LONG = 260.0, 1.25, 50
_CUT = "bar cut short"


def ratios(rows: Sequence[Ratio], *, title: str, description: str) -> Html:
    """Bars from a common line, one a row, the words of each at its end. A bar more than 50 times as long as
    the shortest would leave nothing to see of the others: it is cut, and says so."""
    left = 16 + 7.0 * max((len(row.label) for row in rows), default=0)
    lengths = [row.length for row in rows]
    longest = max((length for length in lengths if length <= _TOO_LONG), default=1.0)
    if any(length > _TOO_LONG for length in lengths):
        longest *= 1.5
    several = any(len(row.marks) > 1 for row in rows)
    right = left + _ROOM * (_EDGE if several else 1) + 10
    parts: list[str] = []
    for index, row in enumerate(rows):
        top, cut = 26.0 * index + 4, row.length > _TOO_LONG
        width = _ROOM if cut else max(2.0, _ROOM * row.length / longest)
        parts.append(f'<text x="0" y="{top + 14:g}">{escape(row.label)}</text>')
        for start, end in ((0, width - 26), (width - 18, width)) if cut else ((0, width),):
            place = f'x="{left + start:.1f}" y="{top:g}" width="{end - start:.1f}" height="18"'
            parts.append(f'<rect class="cl-bar" {place} rx="2"></rect>')
        for mark in row.marks if several and not cut else ():
            # Marks that would lie farther out stand at the edge.
            line = f"M{left + _ROOM * min(mark / longest, _EDGE):.1f} {top + 12:g}v9"
            parts.append(f'<path d="{line}" stroke="currentColor" stroke-width="1.5"></path>')
        words = f"{row.words} ({_CUT})" if cut else row.words
        parts.append(f'<text x="{right:g}" y="{top + 14:g}">{escape(words)}</text>')
    bottom = 26.0 * max(1, len(rows)) + 4
    parts.append(f'<path class="cl-rule" d="M{left:g} 0V{bottom:g}"></path>')
    return _frame(title, description, right + 140, bottom + 4, "".join(parts))
