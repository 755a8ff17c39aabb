"""A bar that stops long work at a safe place, and says how to go on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from course_lib.lens import progress, show
from course_lib.patterns import LoadProgress, insert_rows, load

ROWS = 60
numbers = Table("numbers", MetaData(), Column("number", Integer, primary_key=True))


class Seen:
    """What was drawn, in place of a widget."""

    def __init__(self) -> None:
        self.places: list[str] = []
        self.words = ""
        self.tone: show.Tone = "plain"

    def move(self, done: int, place: str) -> None:
        self.places.append(place)

    def end(self, words: str, tone: show.Tone) -> None:
        self.words, self.tone = words, tone


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    view = Seen()
    monkeypatch.setattr(show, "bar_view", lambda *arguments: view)
    return view


async def write(connection: AsyncConnection, chunk: list[dict[str, int]]) -> None:
    await insert_rows(connection, numbers, chunk)


def feed() -> Iterator[dict[str, int]]:
    return ({"number": number} for number in range(ROWS))


async def stored(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(numbers)) or 0


@pytest.fixture
async def table(engine: AsyncEngine) -> AsyncEngine:
    async with engine.begin() as connection:
        await connection.run_sync(numbers.metadata.create_all)
    return engine


async def test_a_load_stops_at_a_chunk_and_goes_on(table: AsyncEngine, seen: Seen) -> None:
    with progress("Loading", total=ROWS) as bar:

        async def write_and_stop(connection: AsyncConnection, chunk: list[dict[str, int]]) -> None:
            await write(connection, chunk)
            if chunk[0]["number"] == 20:
                bar.stop()

        await load(table, feed(), write_and_stop, job="numbers", size=10, on_progress=bar)
        raise AssertionError("the block has ended before this")
    assert bar.stopped and bar.done == await stored(table) == 30, "the running chunk was finished"
    assert seen.places[-1] == "30 of 60 rows" and seen.tone == "warn"
    assert seen.words == (
        "stopped after 30 of 60 rows. These 30 are stored, and nothing is half done. "
        "Run the cell again to go on. (A load without a `job` would begin anew.)"
    )
    with progress("Loading", total=ROWS) as bar:
        await load(table, feed(), write, job="numbers", size=10, on_progress=bar)
    assert not bar.stopped and await stored(table) == ROWS
    assert seen.words == "finished, 60 of 60 rows, 30 of them from an earlier run."
    with progress("Loading", total=ROWS) as bar:
        await load(table, feed(), write, job="numbers", size=10, on_progress=bar)
    assert seen.words == "nothing left to do: 60 of 60 rows, all from an earlier run."


async def test_an_interrupt_rolls_the_chunk_back_and_comes_out(table: AsyncEngine, seen: Seen) -> None:
    arrived = asyncio.Event()

    async def write_and_wait(connection: AsyncConnection, chunk: list[dict[str, int]]) -> None:
        await write(connection, chunk)
        if chunk[0]["number"] == 20:
            arrived.set()
            await asyncio.Event().wait()

    async def cell() -> None:
        with progress("Loading", total=ROWS) as bar:
            await load(table, feed(), write_and_wait, job="numbers", size=10, on_progress=bar)

    task = asyncio.create_task(cell())
    await asyncio.wait_for(arrived.wait(), 20)
    task.cancel()  # what a kernel does to a cell that waits
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await stored(table) == 20
    assert seen.words.startswith("interrupted, last seen at 20 of 60 rows. What was committed is stored,")
    with progress("Loading", total=ROWS) as bar:
        await load(table, feed(), write, job="numbers", size=10, on_progress=bar)
    assert bar.done == await stored(table) == ROWS


async def test_an_error_comes_out_and_is_spoken_of(table: AsyncEngine, seen: Seen) -> None:
    async def fail(connection: AsyncConnection, chunk: list[dict[str, int]]) -> None:
        if chunk[0]["number"] == 10:
            raise OSError("disk full")
        await write(connection, chunk)

    with pytest.raises(OSError, match="disk full"), progress("Loading", total=ROWS) as bar:
        await load(table, feed(), fail, job="numbers", size=10, on_progress=bar)
    assert seen.words.startswith(
        "failed, last seen at 10 of 60 rows. The chunks before the error are stored."
    )
    assert seen.tone == "bad"


def test_a_stop_that_comes_with_the_end_changes_nothing(seen: Seen) -> None:
    with progress("Loading", total=None) as bar:
        bar.stop()
        bar(LoadProgress(7, finished=True))
    assert not bar.stopped and seen.words == "finished, 7 rows."
    with progress("Rounds", total=2, unit="rounds") as bar:
        bar(1)
        bar.stop()
        bar(2)
    assert not bar.stopped and seen.words == "finished, 2 of 2 rounds."
    bar.stop()
    assert not bar.stopped, "the button is pressed too late"
    with progress("Rounds", total=2, unit="rounds") as bar:
        bar(1)
    assert seen.words == "ended at 1 of 2 rounds."


async def test_counting_stops_after_a_whole_round(seen: Seen) -> None:
    done = []
    with progress("The race", total=5, unit="rounds") as bar:
        async for number in bar:
            if number == 2:
                bar.stop()
            done.append(number)
    assert done == [1, 2] and bar.stopped
    assert seen.words == (
        "stopped after 2 of 5 rounds. Nothing is half done. Run the cell again to begin anew."
    )
    with progress("The race", total=3, unit="rounds") as bar:
        assert list(bar) == [1, 2, 3]
    assert not bar.stopped and seen.places[-1] == "3 of 3 rounds"


async def test_counting_gives_the_loop_its_turn(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_lib.lens.long_work._PAUSE", 0)
    done = []
    with progress("The race", total=50, unit="rounds") as bar:
        asyncio.get_running_loop().call_soon(bar.stop)  # as a click arrives
        async for number in bar:
            done.append(number)
    assert done == [1] and bar.stopped


async def test_a_stop_inside_a_task_group(seen: Seen) -> None:
    async def work(bar: progress) -> None:
        for number in range(1, 10):
            await asyncio.sleep(0)
            bar(number)

    with progress("Working", total=9, unit="steps") as bar:
        bar.stop()
        async with asyncio.TaskGroup() as group:
            group.create_task(work(bar))
            group.create_task(work(bar))
    assert bar.stopped and bar.done < 9
    with pytest.raises(ExceptionGroup), progress("Working", total=9, unit="steps") as bar:
        bar.stop()
        async with asyncio.TaskGroup() as group:
            group.create_task(work(bar))
            group.create_task(asyncio.sleep(0, bar.missing))  # type: ignore[attr-defined]


def test_a_stop_that_was_ordered_beforehand(seen: Seen) -> None:
    with progress("Loading", total=40, unit="orders", stop_after=20) as bar:
        for done in range(0, 41, 15):
            bar(done)
    assert bar.stopped and bar.done == 30
    assert seen.words.startswith("stopped after 30 of 40 orders. Nothing is half done.")


def test_a_bar_inside_a_bar_stops_its_own_block(seen: Seen) -> None:
    with progress("Outer", total=3) as outer:
        with progress("Inner", total=3) as inner:
            outer.stop()
            inner(1)
            outer(1)
        raise AssertionError("the outer block has ended before this")
    assert outer.stopped and not inner.stopped


def test_bars_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match="cannot show anything"):
        progress("Loading", total=0)
    with pytest.raises(ValueError, match="counting needs a total"):
        list(progress("Loading"))


@pytest.mark.parametrize("terminal", [True, False])
def test_outside_a_notebook(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    show_it: Callable[[], bool] = lambda: terminal  # noqa: E731
    monkeypatch.setattr(sys.stderr, "isatty", show_it)
    with progress("Loading", total=2) as bar:
        bar(1)
        bar(2)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith("Loading: finished, 2 of 2 rows.\n") if terminal else shown.err == ""
