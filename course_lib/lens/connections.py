"""Recording of what an engine's pool does with its connections."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolResetState

from course_lib.lens import waiting
from course_lib.lens.pool_events import Connections, PoolEvent, What
from course_lib.lens.recording import sync_engine_of

__all__ = ["Connections", "PoolEvent", "connections"]


class connections:
    """Record what the engine's pool does: `with connections(engine) as pool:`.

    Takes an `AsyncEngine`, an `Engine`, or an object with an `.engine`; raises `TypeError` for anything else.
    https://docs.sqlalchemy.org/en/21/core/events.html#connection-pool-events
    """

    def __init__(self, engine: object) -> None:
        self._engine = sync_engine_of(engine)
        self._listeners: list[tuple[str, Any]] = []
        self._pools: list[Pool] = []

    def __enter__(self) -> Connections:
        if self._listeners:
            raise RuntimeError(
                "this recording is open already. Open a second one with another `connections(...)`."
            )
        self._recorded = Connections()
        self._start = perf_counter()
        self._known: dict[int, tuple[int, object]] = {}
        self._holders: dict[int, tuple[int, object]] = {}
        self._served: dict[int, object] = {}
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
        event.listen(self._engine, "engine_disposed", self._disposed)
        self._disposed(self._engine)
        return self._recorded

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, listener in self._listeners:
            event.remove(self._pool, name, listener)
        event.remove(self._engine, "engine_disposed", self._disposed)
        for pool in self._pools:
            waiting.leave(pool, self)
        self._pools = []
        self._listeners = []
        self._known.clear()
        self._holders.clear()
        self._served.clear()

    def _disposed(self, engine: Any) -> None:
        # Disposal gives the engine a new pool. It takes over the listeners, but not what stands at the door.
        waiting.listen(engine.pool, self)
        self._pools.append(engine.pool)

    def _note(self, what: What, connection: int = 0, *, waited: bool = False) -> None:
        self._recorded.events.append(PoolEvent(what, connection, perf_counter() - self._start, waited))

    def waits(self) -> None:
        """A caller waits for a connection."""
        self._note("waits")

    def served(self, record: ConnectionPoolEntry) -> None:
        """It goes on with this record, whose checkout follows."""
        self._served[id(record)] = record

    def gave_up(self) -> None:
        """It leaves without a connection."""
        self._note("gave up")

    def _add(self, what: What, dbapi_connection: object, *, waited: bool = False) -> int:
        # The connection itself is kept until the end, so that its id is not given to another one meanwhile.
        number, _ = self._known.setdefault(id(dbapi_connection), (len(self._known) + 1, dbapi_connection))
        self._note(what, number, waited=waited)
        return number

    def _opened(self, dbapi_connection: Any, record: Any) -> None:
        self._add("opened", dbapi_connection)

    def _went_out(self, dbapi_connection: Any, record: Any, proxy: Any) -> None:
        waited = self._served.pop(id(record), None) is not None
        self._holders[id(record)] = (self._add("out", dbapi_connection, waited=waited), record)

    def _came_back(self, dbapi_connection: Any, record: Any) -> None:
        # After invalidation or loss the record comes back without its connection: it is told by its last
        # holder.
        held = self._holders.pop(id(record), None)
        if self._served.pop(id(record), None) is not None:
            self.gave_up()  # it was served, and then the connection could not be opened anew
        if dbapi_connection is not None:
            self._add("back", dbapi_connection)
        elif held is not None:
            self._note("back", held[0])

    def _closed(self, dbapi_connection: Any, record: Any) -> None:
        self._add("closed", dbapi_connection)

    def _broken(self, dbapi_connection: Any, record: Any, error: BaseException | None) -> None:
        self._add("broken", dbapi_connection)

    def _reset(self, dbapi_connection: Any, record: Any, state: PoolResetState) -> None:
        # Only the garbage collector resets where nothing can be awaited. What was out before the recording
        # began may be found at any time, and is none of its business.
        if not state.asyncio_safe and self._holders.pop(id(record), None) is not None:
            self._add("lost", dbapi_connection)
