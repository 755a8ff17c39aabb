"""A bar for long work, with a button that ends it at a safe place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from time import monotonic
from types import TracebackType

from course_lib.lens import show
from course_lib.patterns import LoadProgress

_PAUSE = 0.05
"""Seconds between two changes of the bar, and between two turns that `async for` gives to the loop."""


class Stopped(Exception):
    """Raised by a bar inside work that is to stop; the bar's own `with` block ends it."""

    def __init__(self, bar: progress) -> None:
        super().__init__(f"{bar.label} was stopped at {bar.place}")
        self.bar = bar


class progress:
    """A bar for long work, with a Stop button: `with progress("Loading orders", total=69_659) as bar:`.

    It moves in one of three ways::

        await load(engine, rows, write, job="orders", on_progress=bar)  # patterns.load tells it
        bar(done)                                                       # you tell it, between two steps
        async for number in bar: ...                                    # it counts from 1 to total

    Stop ends the work the next time it tells the bar: between two chunks of a load, two steps or two rounds,
    so nothing is left half done. The block ends without an error, `stopped` is true, and the bar says how to
    go on. The kernel's own interrupt button ends it at once, in the middle of a step, and the error comes
    out. The button needs an event loop that runs: in a plain `for` that never awaits, interrupt.

    In a notebook this is a widget, and at the end a sentence; as text both are the same at every run that
    comes equally far. In a terminal it is one line, and where nobody looks (a pipe, a test) it is nothing.

    Args:
        label: what is done, as the bar's name.
        total: how many there will be, or None if nobody knows.
        unit: what is counted.
        stop_after: press Stop when so many are done: to show it, or to try a part first.

    Attributes:
        done: how many there have been, an earlier call of a load included.
        stopped: whether the work was ended by the Stop button (or `stop`).

    Raises:
        ValueError: a total below 1.

    Documentation: https://ipywidgets.readthedocs.io/en/stable/examples/Widget%20Asynchronous.html
    """

    def __init__(
        self, label: str, total: int | None = None, *, unit: str = "rows", stop_after: int | None = None
    ) -> None:
        if total is not None and total < 1:
            raise ValueError(f"{label}: a bar up to {total} cannot show anything. Give None if nobody knows.")
        self.label = label
        self.total = total
        self.unit = unit
        self.stop_after = stop_after
        self.done = 0
        self.stopped = False
        self._asked = False
        self._ended = False
        self._resumed: int | None = None  # a number once a load has told how it stands
        self._view: show.BarView | None = None
        self._shown = 0.0

    @property
    def place(self) -> str:
        """How far it is: `25,000 of 69,659 rows`."""
        of = "" if self.total is None else f" of {max(self.total, self.done):,}"
        return f"{self.done:,}{of} {self.unit}"

    def stop(self) -> None:
        """What the button does: ask the work to end at the next safe place. May be called from anywhere."""
        if not self._ended:
            self._asked = True

    def __call__(self, done: int | LoadProgress) -> None:
        """Say how many there have been so far, or hand it to `load(..., on_progress=bar)`.

        Raises `Stopped` if the work is to end here; let it pass.
        """
        if isinstance(done, LoadProgress):
            self._resumed, self._ended = done.resumed, done.finished
            self.done = done.done
        else:
            self.done = done
            self._ended = done == self.total
        self._move()
        if self.stop_after is not None and self.done >= self.stop_after:
            self.stop()
        if self._asked and not self._ended:
            raise Stopped(self)

    def _move(self, *, now: bool = False) -> None:
        if self._view is not None and (now or self._ended or monotonic() - self._shown >= _PAUSE):
            self._shown = monotonic()
            self._view.move(self.done, self.place)

    def __enter__(self) -> progress:
        self._view = show.bar_view(self.label, self.total, self.place, self.stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        ours = _is_ours(error, self)
        self.stopped = self.stopped or ours
        self._ended = True
        if self._view is not None:
            self._move(now=True)
            self._view.end(*self._last_words(None if ours else error))
        return ours

    async def __aiter__(self) -> AsyncIterator[int]:
        """Count from 1 to the total; the bar moves after each, and Stop ends the counting."""
        turn = monotonic()
        for number in self:
            yield number
            if monotonic() - turn >= _PAUSE:
                await asyncio.sleep(0.01)  # what the button says takes the loop several turns
                turn = monotonic()

    def __iter__(self) -> Iterator[int]:
        """As `async for`, for work that does not await."""
        if self.total is None:
            raise ValueError(f"{self.label}: counting needs a total. Give one, or call the bar yourself.")
        for number in range(1, self.total + 1):
            yield number
            try:
                self(number)
            except Stopped:
                self.stopped = True
                return

    def _last_words(self, error: BaseException | None) -> tuple[str, show.Tone]:
        """What happened, what it means, what to do; and the tone of it."""
        load = self._resumed is not None
        again = (
            "Run the cell again to go on. (A load without a `job` would begin anew.)"
            if load
            else "Run the cell again to begin anew."
        )
        if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
            kept = "What was committed is stored, what was under way is rolled back."
            return f"interrupted, last seen at {self.place}. {kept} {again}", "warn"
        if error is not None:
            kept = "The chunks before the error are stored. " if load else ""
            return f"failed, last seen at {self.place}. {kept}The error says why: mend it. {again}", "bad"
        if self.stopped:
            kept = f"These {self.done:,} are stored, and nothing" if load else "Nothing"
            return f"stopped after {self.place}. {kept} is half done. {again}", "warn"
        if self._resumed and self._resumed == self.done:
            return f"nothing left to do: {self.place}, all from an earlier run.", "good"
        if not load and self.done < (self.total or 0):
            return f"ended at {self.place}.", "plain"
        earlier = f", {self._resumed:,} of them from an earlier run" if self._resumed else ""
        return f"finished, {self.place}{earlier}.", "good"


def _is_ours(error: BaseException | None, bar: progress) -> bool:
    """Whether nothing but this bar's `Stopped` comes out, bare or in the group of a TaskGroup."""
    if isinstance(error, BaseExceptionGroup):
        return all(_is_ours(each, bar) for each in error.exceptions)
    return isinstance(error, Stopped) and error.bar is bar
