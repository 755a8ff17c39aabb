"""Engines and connections of the notebook are refused inside an answer's process.

A forked process shares the sockets of its parent: one statement on them would break the notebook's own
session.
"""

from __future__ import annotations

import weakref
from typing import Any

from sqlalchemy import Connection, Engine, Pool, event


class NotebookEngineRefused(Exception):
    """An answer used an engine, session or connection that was made in the notebook."""

    def __init__(self) -> None:
        super().__init__(
            "This engine, session or connection was made in the notebook. An answer runs in a process of "
            "its own, where "
            "the notebook's connections cannot be used. Use what the check hands to your function."
        )


_made_here: weakref.WeakSet[Pool] = weakref.WeakSet()


def refuse_what_is_inherited() -> None:
    """From now on let only engines made from now on connect. Once, at the start of an answer's process."""

    def noted(kind: type[Pool], *args: Any, **keywords: Any) -> Pool:
        pool: Pool = object.__new__(kind)
        _made_here.add(pool)
        return pool

    # Not __init__: create_engine reads its parameters, to know that a pool takes pre_ping and recycle.
    Pool.__new__ = staticmethod(noted)  # type: ignore[method-assign, assignment]
    dispose = Engine.dispose

    def dispose_own(engine: Engine, close: bool = True) -> None:
        _check(engine.pool)
        dispose(engine, close)

    Engine.dispose = dispose_own  # type: ignore[method-assign, assignment]
    connect = Engine.raw_connection

    def connect_own(engine: Engine) -> Any:
        _check(engine.pool)
        return connect(engine)

    Engine.raw_connection = connect_own  # type: ignore[method-assign, assignment]
    for name in ("begin", "commit", "rollback"):
        event.listen(Engine, name, _of_connection)
    event.listen(Engine, "before_cursor_execute", _of_cursor)


def _check(pool: Pool) -> None:
    if pool not in _made_here:
        raise NotebookEngineRefused


def _of_connection(connection: Connection) -> None:
    _check(connection.engine.pool)


def _of_cursor(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    _check(connection.engine.pool)
