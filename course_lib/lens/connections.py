"""Recording of what an engine's pool does with its connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import Any, Literal

from sqlalchemy import event
from sqlalchemy.pool import PoolResetState

from course_lib.lens import bars, show
from course_lib.lens.recording import sync_engine_of

What = Literal["opened", "out", "back", "closed", "broken", "lost"]


@dataclass(frozen=True, slots=True)
class PoolEvent:
    """`what` happened to connection number `connection` (in order of first appearance), `at` seconds after
    the start.

    opened: a new connection to the database. out: given to the program. back: returned. closed: ended by
    the pool. broken: given up because the database or network ended it. lost: never returned, found by the
    garbage collector.
    """

    what: What
    connection: int
    at: float


@dataclass(slots=True)
class Connections:
    """What a pool did while `connections(engine)` was open; stays readable afterwards.

    `opened`, `closed`, `broken`, `lost`: how many connections; `most_at_once`: how many were given out at
    the same time at most; `out`: how many are given out and not returned. Connections that were out before
    the recording began are not known to it. How many tasks wait for a connection is not recorded: pools
    have no event for that (see `timeline`).
    """

    events: list[PoolEvent] = field(default_factory=list)

    def _count(self, what: What) -> int:
        return sum(happened.what == what for happened in self.events)

    @property
    def opened(self) -> int:
        """New connections to the database."""
        return self._count("opened")

    @property
    def closed(self) -> int:
        """Connections that the pool closed."""
        return self._count("closed")

    @property
    def broken(self) -> int:
        """Connections that were given up because they no longer worked."""
        return self._count("broken")

    @property
    def lost(self) -> int:
        """Connections that were never returned and that the garbage collector found."""
        return self._count("lost")

    @property
    def levels(self) -> list[int]:
        """How many connections were out after each event that gave one out or took one back."""
        out: set[int] = set()
        levels: list[int] = []
        for happened in self.events:
            if happened.what == "out":
                out.add(happened.connection)
            elif happened.what in ("back", "lost") and happened.connection in out:
                out.discard(happened.connection)
            else:
                continue
            levels.append(len(out))
        return levels

    @property
    def most_at_once(self) -> int:
        """The greatest number of connections that were out at the same time."""
        return max(self.levels, default=0)

    @property
    def out(self) -> int:
        """Connections given out and not returned."""
        return self.levels[-1] if self.levels else 0

    @property
    def sequence(self) -> str:
        """The events in order, `1 opened, 1 out, 1 back`. Varies between runs when tasks race for
        connections."""
        return ", ".join(f"{happened.connection} {happened.what}" for happened in self.events)

    def __repr__(self) -> str:
        if not self.events:
            return "no connection was opened, given out or closed"
        parts = [
            f"opened {self.opened}",
            f"at most {self.most_at_once} out at once",
            f"{self.out} out at the end",
        ]
        parts += [
            f"{name} {count}" for name, count in (("broken", self.broken), ("lost", self.lost)) if count
        ]
        return "connections: " + ", ".join(parts)

    def _repr_html_(self) -> str:
        tone: show.Tone = "warn" if self.out or self.lost or self.broken else "plain"
        counts = [self.opened, self.most_at_once, self.out, self.broken, self.lost]
        names = ("Opened", "Most out at once", "Out at the end", "Broken", "Lost")
        return show.panel("Connections", show.table(names, [counts], caption="While watched"), tone)

    def over_time(self) -> show.Shown:
        """How many connections were out after each event, as a staircase over the order of events.

        When tasks race for connections the order may vary between runs: then such a cell is not fit for
        strict comparison, while the counts (the recording itself as the last line of a cell) are.
        """
        levels = self.levels
        picture = bars.steps(levels, title="Connections out at the same time", description=repr(self))
        text = f"{self!r}\nout after each event: {' '.join(map(str, levels)) or '-'}"
        body = f"{picture}<div>{show.escape(repr(self))}</div>"
        return show.Shown(text, show.panel("Connections out at the same time", body))

    def by_connection(self) -> show.Shown:
        """The same events with a bar for each stay outside the pool, one row a connection.

        Which task gets which connection may vary between runs: a cell that shows this is not fit for strict
        comparison when tasks run at the same time.
        """
        found: list[bars.Bar] = []
        begun: dict[int, int] = {}
        for index, happened in enumerate(self.events):
            label = f"connection {happened.connection}"
            if happened.what == "out":
                begun[happened.connection] = index
            elif happened.what in ("back", "lost") and happened.connection in begun:
                lost = happened.what == "lost"
                found.append(bars.Bar(label, begun.pop(happened.connection), index, lost))
        found += [bars.Bar(f"connection {number}", start) for number, start in begun.items()]
        found.sort(key=lambda bar: (int(bar.label.split()[1]), bar.start))
        lines = [repr(self), *bars.text(found, len(self.events))]
        picture = bars.svg(found, len(self.events), title="Connections over time", description=self.sequence)
        body = f"{picture}<div>{show.escape(repr(self))}</div>"
        return show.Shown(
            "\n".join(lines), show.panel("Connections, each with its stays outside the pool", body)
        )


class connections:
    """Record what the engine's pool does: `with connections(engine) as pool:`.

    Takes an `AsyncEngine`, an `Engine`, or an object with an `.engine`; raises `TypeError` for anything else.
    https://docs.sqlalchemy.org/en/21/core/events.html#connection-pool-events
    """

    def __init__(self, engine: object) -> None:
        self._engine = sync_engine_of(engine)
        self._listeners: list[tuple[str, Any]] = []

    def __enter__(self) -> Connections:
        if self._listeners:
            raise RuntimeError(
                "this recording is open already. Open a second one with another `connections(...)`."
            )
        self._recorded = Connections()
        self._start = perf_counter()
        self._known: dict[int, tuple[int, object]] = {}
        self._holders: dict[int, tuple[int, object]] = {}
        self._pool = self._engine.pool
        self._listeners = [
            ("connect", self._opened),
            ("checkout", self._went_out),
            ("checkin", self._came_back),
            ("close", self._closed),
            ("invalidate", self._broken),
            ("reset", self._reset),
        ]
        for name, listener in self._listeners:
            event.listen(self._pool, name, listener)
        return self._recorded

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, listener in self._listeners:
            event.remove(self._pool, name, listener)
        self._listeners = []
        self._known.clear()
        self._holders.clear()

    def _add(self, what: What, dbapi_connection: object) -> int:
        # The connection itself is kept until the end, so that its id is not given to another one meanwhile.
        number, _ = self._known.setdefault(id(dbapi_connection), (len(self._known) + 1, dbapi_connection))
        self._recorded.events.append(PoolEvent(what, number, perf_counter() - self._start))
        return number

    def _opened(self, dbapi_connection: Any, record: Any) -> None:
        self._add("opened", dbapi_connection)

    def _went_out(self, dbapi_connection: Any, record: Any, proxy: Any) -> None:
        self._holders[id(record)] = (self._add("out", dbapi_connection), record)

    def _came_back(self, dbapi_connection: Any, record: Any) -> None:
        # After invalidation or loss the record comes back without its connection: it is told by its last
        # holder.
        held = self._holders.pop(id(record), None)
        if dbapi_connection is not None:
            self._add("back", dbapi_connection)
        elif held is not None:
            self._recorded.events.append(PoolEvent("back", held[0], perf_counter() - self._start))

    def _closed(self, dbapi_connection: Any, record: Any) -> None:
        self._add("closed", dbapi_connection)

    def _broken(self, dbapi_connection: Any, record: Any, error: BaseException | None) -> None:
        self._add("broken", dbapi_connection)

    def _reset(self, dbapi_connection: Any, record: Any, state: PoolResetState) -> None:
        # Only the garbage collector resets where nothing can be awaited. What was out before the recording
        # began may be found at any time, and is none of its business.
        if not state.asyncio_safe and self._holders.pop(id(record), None) is not None:
            self._add("lost", dbapi_connection)
