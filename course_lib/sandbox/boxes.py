"""The sandbox a lesson works in: a private database with an engine and a session factory."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from course_lib.patterns import make_engine, make_session_factory
from course_lib.sandbox.errors import BackendUnavailable
from course_lib.sandbox.leases import Backend, Lease, checked, default_backend, lease

_current: dict[Backend, "Sandbox"] = {}


class Sandbox:
    """A private database of the shop: change or break it, nobody else sees it.

    ``engine`` and ``sessions`` are ready to use; ``url`` serves an engine of your own.
    """

    def __init__(self, held: Lease) -> None:
        self._lease = held
        self._pid = os.getpid()
        self._loop = asyncio.get_running_loop()
        self.backend: Backend = held.backend
        self.users: int = held.users
        self.url: str = held.url
        self.engine: AsyncEngine = make_engine(held.url)
        self.sessions: async_sessionmaker[AsyncSession] = make_session_factory(self.engine)

    def __repr__(self) -> str:
        return f"<Sandbox: {self.backend}, {self.users} users>"

    async def __aenter__(self) -> "Sandbox":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the engine's connections and give the database back. Closing twice is harmless."""
        # Connections of another loop, or of the process we were forked from, are not ours to close.
        ours = self._pid == os.getpid() and self._loop is asyncio.get_running_loop()
        try:
            await self.engine.dispose(close=ours)
        finally:
            await self._lease.release()


@asynccontextmanager
async def open_sandbox(backend: Backend | None = None, *, users: int = 100) -> AsyncIterator[Sandbox]:
    """Open a sandbox for the length of an ``async with`` block.

    Args:
        backend: "sqlite" or "postgresql"; None for the default (``default_backend()``).
        users: how many of the shop's users it holds.

    Raises:
        BackendUnavailable: the backend cannot be had; the message says what to do.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
    """
    box = Sandbox(await lease(backend or default_backend(), users))
    try:
        yield box
    finally:
        await box.close()


async def fresh(backend: Backend | None = None, *, users: int = 100) -> Sandbox:
    """Open a sandbox for a notebook; it stays until the next one on the same backend, or the kernel's end.

    Args:
        backend: "sqlite" or "postgresql"; None for the default (``default_backend()``).
        users: how many of the shop's users it holds.

    Raises:
        BackendUnavailable: the backend cannot be had; the message says what to do.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
    """
    _let_interrupts_through()
    chosen = checked(backend or default_backend())
    previous = _current.pop(chosen, None)
    if previous is not None:
        with contextlib.suppress(Exception):  # whatever the reader did to it, it is over
            await previous.close()
    _current[chosen] = Sandbox(await lease(chosen, users))
    return _current[chosen]


def _let_interrupts_through() -> None:
    # A kernel notes an interrupt and its sleeping loop does not wake up for it (ipykernel issue 881): a
    # cell that waits would go on waiting. With any handler of its own, the loop wakes up for every signal.
    with contextlib.suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, lambda: None)


async def fresh_or_say(backend: Backend, *, users: int = 100) -> Sandbox | None:
    """Open a sandbox like ``fresh``; where the backend cannot be had, say so and give None.

    Under continuous integration (``CI`` is set) a missing backend is an error: nothing is skipped there.
    """
    try:
        return await fresh(backend, users=users)
    except BackendUnavailable as error:
        if os.environ.get("CI", "").lower() not in ("", "0", "false"):
            raise
        print(error)
        return None
