"""Several ways of doing the same work, compared within one run by the time each took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from course_lib.lens import bars, show


def times(ratio: float) -> str:
    """A ratio in words, of two figures: `1.0 x`, `3.4 x`, `12 x`, `1,200 x`."""
    return f"{ratio:.1f} x" if ratio < 9.95 else f"{float(f'{ratio:.1e}'):,.0f} x"


@dataclass(slots=True)
class Race:
    """How long several ways took, as ratios to the fastest of them: `with runs.lane("add_all"): ...`.

    `laps`: for each lane, in the order of the code, the seconds of each of its rounds (the seconds for one
    of `unit`, where lanes say how many they handle). What is compared are the medians, so that one slow
    round decides nothing. The text names the lanes and holds no figure; ratios are in the picture and in
    `words`.
    """

    unit: str = "rows"
    laps: dict[str, list[float]] = field(default_factory=dict)
    _counted: bool | None = None

    @contextmanager
    def lane(self, name: str, count: int | None = None) -> Iterator[None]:
        """Time one round of one way, with or without awaits inside: `with runs.lane("copy"): await ...`.

        Prepare and clean up outside of it. A round that raises does not count. `count` says how many rows
        this lane handles, so that a slow way may have fewer: then the ratios are those for equally many.
        Raises `ValueError` for a count below one, and where only some lanes of a race have a count.
        https://docs.python.org/3/library/time.html#time.perf_counter
        """
        if count is not None and count < 1:
            raise ValueError(f"lane {name!r} handles {count} {self.unit}, and needs at least one to compare.")
        if self._counted not in (None, count is not None):
            raise ValueError(
                f"lane {name!r} {'has a' if count is not None else 'has no'} count and the lanes before it "
                f"do otherwise, so they cannot be compared. Give all lanes their number of {self.unit}, or "
                "none of them."
            )
        self._counted = count is not None
        start = perf_counter()
        yield
        self.laps.setdefault(name, []).append((perf_counter() - start) / (count or 1))

    @property
    def ratios(self) -> dict[str, float]:
        """For each lane its median time as a multiple of the fastest lane's; the fastest has 1.0."""
        middle = {name: median(laps) for name, laps in self.laps.items()}
        best = min(middle.values(), default=0.0)
        return {name: time / best if best else 1.0 for name, time in middle.items()}

    @property
    def fastest(self) -> str:
        """The lane with the shortest median time. Raises `ValueError` before any round has ended."""
        ratios = self.ratios
        if not ratios:
            raise ValueError("nothing has been raced yet: run `with runs.lane(...):` first.")
        return min(ratios, key=lambda name: ratios[name])

    def times_slower(self, lane: str, *, against: str | None = None) -> float:
        """How many times as long `lane` took as the fastest lane, or as the lane `against`.

        For a sentence of your own that holds on every machine: `runs.times_slower("add_all") > 2`. Raises
        `KeyError` for an unknown lane.
        """
        ratios = self.ratios
        return ratios[lane] / (1.0 if against is None else ratios[against])

    def _ranked(self) -> list[tuple[str, float]]:
        return sorted(self.ratios.items(), key=lambda pair: pair[1])

    @property
    def words(self) -> str:
        """The ratios as a sentence, fastest first. They vary from run to run: not fit for comparison."""
        return "; ".join(f"{name} {self._label(name, ratio)}" for name, ratio in self._ranked())

    def _label(self, name: str, ratio: float) -> str:
        return times(ratio) + (" (fastest)" if name == self.fastest else "")

    def _rounds(self) -> str:
        counts = {len(laps) for laps in self.laps.values()}
        if counts in (set(), {1}):
            return "one round each"
        if len(counts) == 1:
            return f"{counts.pop()} rounds each"
        return "rounds: " + ", ".join(f"{len(laps)} of {name}" for name, laps in self.laps.items())

    def __repr__(self) -> str:
        ways = f"{len(self.laps)} way{'' if len(self.laps) == 1 else 's'}"
        if not self.laps:
            return "a race in which nothing has run yet"
        head = f"a race of {ways}, {self._rounds()}; the ratios vary (picture, `.words`)"
        return "\n".join([head, *(f"  {name}" for name in self.laps)])

    def _repr_html_(self) -> str:
        best = min((median(laps) for laps in self.laps.values()), default=0.0) or 1.0
        rows = [
            bars.Ratio(name, ratio, self._label(name, ratio), [lap / best for lap in self.laps[name]])
            for name, ratio in self._ranked()
        ]
        same = f" for the same number of {self.unit}" if self._counted else ""
        title = f"Time{same}, compared with the fastest"
        words = self.words or "Nothing has run yet"
        picture = bars.ratios(rows, title=title, description=f"{words} ({self._rounds()})")
        several = any(len(laps) > 1 for laps in self.laps.values())
        how = "bars are medians, marks the single rounds" if several else "run it again and compare"
        note = f"{self._rounds()}: {how}. A longer bar is slower; below 1.5 x it may be chance."
        body = f'{picture}<div>{show.escape(words)}</div><div class="cl-dim">{show.escape(note)}</div>'
        return show.panel(title, show.varies(body))


def race(unit: str = "rows") -> Race:
    """An empty `Race`: `runs = race()`, then `with runs.lane("one way"):` around each way of doing the work.

    Take the ways in turn and repeat (`progress` gives the rounds a bar and a Stop button), so that whatever
    slows the machine down meanwhile hits all of them. `unit` is what the lanes count, if they do::

        runs = race()
        with progress("The race", total=5, unit="rounds") as bar:
            async for number in bar:
                with runs.lane("add_all", 500):
                    await with_add_all(engine, rows[:500])
                with runs.lane("insert", 5_000):
                    await with_insert(engine, rows)
        runs
    """
    return Race(unit)
