"""Who waits for a connection: pools have no event for it, so a recording listens at the pool's door."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy.pool import ConnectionPoolEntry, Pool


class Listener(Protocol):
    """What is told about callers that had to wait."""

    def waits(self) -> None:
        """A caller asked, every connection was out and no more may be opened: it waits."""

    def served(self, record: ConnectionPoolEntry) -> None:
        """A caller that waited goes on with this record; its checkout follows, if nothing fails."""

    def gave_up(self) -> None:
        """A caller that waited leaves without a connection: out of time, or cancelled."""


class _Door:
    """Stands in for one pool's `_do_get`, the method a pool class supplies to find a connection.

    A `QueuePool` opens connections up to its limit and then waits until one comes back. Only that wait
    counts here, not the time it takes to open one.
    https://docs.sqlalchemy.org/en/21/core/pooling.html#sqlalchemy.pool.QueuePool
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._find = pool._do_get
        self.listeners: list[Listener] = []

    def _would_wait(self) -> bool:
        limit: int = getattr(self._pool, "_max_overflow", -1)  # -1: no limit, or a pool that knows none
        return bool(limit > -1 and self._pool.overflow() >= limit and self._pool.checkedin() == 0)

    def __call__(self) -> ConnectionPoolEntry:
        if not self._would_wait():
            return self._find()  # type: ignore[no-any-return]
        told = list(self.listeners)
        for listener in told:
            listener.waits()
        try:
            record: ConnectionPoolEntry = self._find()
        except BaseException:
            for listener in self._still(told):
                listener.gave_up()
            raise
        for listener in self._still(told):
            listener.served(record)
        return record

    def _still(self, told: list[Listener]) -> list[Listener]:
        """Those that have not left while the caller waited."""
        return [listener for listener in told if listener in self.listeners]


def listen(pool: Pool, listener: Listener) -> None:
    """Tell `listener` about waiting callers of this pool; several may listen to one pool."""
    door = pool.__dict__.get("_do_get")
    if not isinstance(door, _Door):
        door = _Door(pool)
        pool._do_get = door  # type: ignore[method-assign]
    door.listeners.append(listener)


def leave(pool: Pool, listener: Listener) -> None:
    """Stop telling; with the last listener the pool is as it was."""
    door = pool.__dict__.get("_do_get")
    if isinstance(door, _Door) and listener in door.listeners:
        door.listeners.remove(listener)
        if not door.listeners:
            del pool._do_get
