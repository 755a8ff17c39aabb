"""What tasks do at the same time, and whether the event loop kept going meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

from course_lib.lens import bars, show


@dataclass(slots=True)
class Timeline:
    """Spans in the order in which they began and ended. `events`: (name, began) with `began` false for an
    end.

    `most_at_once`: how many spans were open at the same time at most.
    """

    events: list[tuple[str, bool]] = field(default_factory=list)
    _bars: list[tuple[str, int, int | None]] = field(default_factory=list)

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Mark what a task does: `with tl.span("task A"): await ...`. A name may occur often; its spans
        share a row."""
        place = len(self._bars)
        self._bars.append((name, len(self.events), None))
        self.events.append((name, True))
        try:
            yield
        finally:
            self._bars[place] = (name, self._bars[place][1], len(self.events))
            self.events.append((name, False))

    @property
    def most_at_once(self) -> int:
        """How many spans were open at the same time at most."""
        level = most = 0
        for _, began in self.events:
            level += 1 if began else -1
            most = max(most, level)
        return most

    @property
    def order(self) -> str:
        """`A begins, B begins, A ends, B ends`."""
        return ", ".join(f"{name} {'begins' if began else 'ends'}" for name, began in self.events)

    def _found(self) -> list[bars.Bar]:
        return [bars.Bar(name, start, end) for name, start, end in self._bars]

    def _headline(self) -> str:
        count = len(self._bars)
        return f"{count} span{'' if count == 1 else 's'}, at most {self.most_at_once} at once"

    def __repr__(self) -> str:
        return "\n".join([self._headline(), *bars.text(self._found(), len(self.events))])

    def _repr_html_(self) -> str:
        title = self._headline()
        return show.panel(
            title, bars.svg(self._found(), len(self.events), title=title, description=self.order)
        )


def timeline() -> Timeline:
    """An empty `Timeline`: `tl = timeline()`, then `with tl.span("task A"):` around what a task does."""
    return Timeline()


class heartbeat:
    """Whether the event loop kept going: `async with heartbeat() as beats:` around the code in question.

    A task of its own wakes every `interval` seconds. `beats`: how often it did; `longest_gap`: the longest
    time between two beats, in seconds; `stood_still`: whether that was longer than `patience` seconds. The
    text holds no figures, so that it is the same at every run.
    https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
    """

    def __init__(self, interval: float = 0.01, *, patience: float = 0.2) -> None:
        self.interval = interval
        self.patience = patience
        self.beats = 0
        self.longest_gap = 0.0
        self._last = 0.0
        self._task: asyncio.Task[None] | None = None

    def _measure(self) -> None:
        now = asyncio.get_running_loop().time()
        self.longest_gap = max(self.longest_gap, now - self._last)
        self._last = now

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.interval)
            self._measure()
            self.beats += 1

    async def __aenter__(self) -> heartbeat:
        self._last = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._beat(), name="heartbeat")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._measure()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    @property
    def stood_still(self) -> bool:
        """Whether the longest gap was longer than `patience`."""
        return self.longest_gap > self.patience

    def __repr__(self) -> str:
        if self.stood_still:
            return "the loop stood still: something blocked it, and no other task could run meanwhile"
        return "the loop kept beating"

    def _repr_html_(self) -> str:
        return show.banner_alone(
            repr(self)[0].upper() + repr(self)[1:] + ".", "warn" if self.stood_still else "good"
        )
