"""What a pool did: its events, what can be counted, and the pictures of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from course_lib.lens import bars, show

What = Literal["opened", "out", "back", "closed", "broken", "lost", "waits", "gave up"]


@dataclass(frozen=True, slots=True)
class PoolEvent:
    """`what` happened to connection number `connection` (in order of first appearance), `at` seconds after
    the start.

    opened: a new connection to the database. out: given to the program. back: returned. closed: ended by
    the pool. broken: given up because the database or network ended it. lost: never returned, found by the
    garbage collector. waits: a caller asked while all were out and no more may be opened. gave up: it left
    without one, out of time or cancelled. These two concern no connection (`connection` is 0). `waited`:
    this connection went out to a caller that had waited.
    """

    what: What
    connection: int
    at: float
    waited: bool = False


@dataclass(slots=True)
class Connections:
    """What a pool did while `connections(engine)` was open; stays readable afterwards.

    `opened`, `closed`, `broken`, `lost`: how many connections; `most_at_once`: how many were given out at
    the same time at most; `out`: how many are given out and not returned. `most_waiting` and `waiting`: how
    many callers wait because all are out and no more may be opened; `gave_up`: how many left without one.
    What was out, or waited, before the recording began is not known to it.
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
    def gave_up(self) -> int:
        """Callers that waited and left without a connection."""
        return self._count("gave up")

    def _steps(self) -> Iterator[tuple[PoolEvent, int, int]]:
        """Each event that changes how many are out or waiting, with both numbers after it."""
        out: set[int] = set()
        waiting = 0
        for happened in self.events:
            if happened.what == "out":
                out.add(happened.connection)
                waiting -= happened.waited
            elif happened.what in ("back", "lost") and happened.connection in out:
                out.discard(happened.connection)
            elif happened.what in ("waits", "gave up"):
                waiting += 1 if happened.what == "waits" else -1
            else:
                continue
            yield happened, len(out), waiting

    @property
    def levels(self) -> list[int]:
        """How many connections were out after each event that gave one out or took one back."""
        return [out for happened, out, _ in self._steps() if happened.what in ("out", "back", "lost")]

    @property
    def most_waiting(self) -> int:
        """The greatest number of callers that waited at the same time."""
        return max((waiting for *_, waiting in self._steps()), default=0)

    @property
    def waiting(self) -> int:
        """Callers that wait now."""
        return [0, *(waiting for *_, waiting in self._steps())][-1]

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
        """The events in order, `#1 opened, #1 out, #1 back`, with `a caller waits` between. Varies between
        runs when tasks race for connections."""
        names = (
            (f"#{each.connection}" if each.connection else "a caller", each.what) for each in self.events
        )
        return ", ".join(f"{name} {what}" for name, what in names)

    def __repr__(self) -> str:
        if not self.events:
            return "no connection was opened, given out or closed"
        parts = [
            f"opened {self.opened}",
            f"at most {self.most_at_once} out at once",
            *([f"at most {self.most_waiting} waiting"] if self.most_waiting else []),
            f"{self.out} out at the end",
        ]
        rest = (
            ("waiting at the end", self.waiting),
            ("gave up", self.gave_up),
            ("broken", self.broken),
            ("lost", self.lost),
        )
        parts += [f"{name} {count}" for name, count in rest if count]
        return "connections: " + ", ".join(parts)

    def _repr_html_(self) -> str:
        tone: show.Tone = "warn" if self.out or self.lost or self.broken or self.gave_up else "plain"
        counts = [self.opened, self.most_at_once, self.out, self.broken, self.lost]
        names = ["Opened", "Most out at once", "Out at the end", "Broken", "Lost"]
        if self.most_waiting:
            counts[2:2] = [self.most_waiting, self.gave_up]
            names[2:2] = ["Most waiting", "Gave up"]
        return show.panel("Connections", show.table(names, [counts], caption="While watched"), tone)

    def over_time(self) -> show.Shown:
        """How many connections were out, and how many callers waited, as staircases over the order of events.

        Lost connections and callers that gave up are marked. Its text holds the counts alone, and strict
        nbval compares nothing else: tasks that race change the order of events from run to run.
        """
        steps = list(self._steps())
        marks = {
            what: [place for place, (happened, *_) in enumerate(steps) if happened.what == what]
            for what in ("lost", "gave up")
        }
        drawn = [bars.Stairs("connections out", [out for _, out, _ in steps], "lost", marks["lost"])]
        if self.most_waiting:
            waits = [waiting for *_, waiting in steps]
            drawn.append(bars.Stairs("callers waiting", waits, "gave up", marks["gave up"]))
        spoken = "; ".join(
            f"{stairs.name} after each event: {' '.join(map(str, stairs.levels)) or 'none'}"
            for stairs in drawn
        )
        title = "Connections over time"
        picture = bars.steps(drawn, title=title, description=f"{self!r}. {spoken}")
        body = f"{show.varies(picture)}<div>{show.escape(repr(self))}</div>"
        return show.Shown(repr(self), show.panel(title, body))

    def by_connection(self) -> show.Shown:
        """The same events with a bar for each stay outside the pool, one row a connection.

        Which task gets which connection may vary between runs: a cell that shows this is not fit for strict
        comparison when tasks run at the same time.
        """
        found: list[bars.Bar] = []
        begun: dict[int, int] = {}
        events = [happened for happened in self.events if happened.connection]
        for index, happened in enumerate(events):
            label = f"connection {happened.connection}"
            if happened.what == "out":
                begun[happened.connection] = index
            elif happened.what in ("back", "lost") and happened.connection in begun:
                lost = happened.what == "lost"
                found.append(bars.Bar(label, begun.pop(happened.connection), index, lost))
        found += [bars.Bar(f"connection {number}", start) for number, start in begun.items()]
        found.sort(key=lambda bar: (int(bar.label.split()[1]), bar.start))
        lines = [repr(self), *bars.text(found, len(events))]
        picture = bars.svg(found, len(events), title="Connections over time", description=self.sequence)
        body = f"{picture}<div>{show.escape(repr(self))}</div>"
        return show.Shown(
            "\n".join(lines), show.panel("Connections, each with its stays outside the pool", body)
        )
