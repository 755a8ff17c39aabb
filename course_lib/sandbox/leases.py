"""A lease: a private, filled database for as long as you hold it, on either backend."""

import contextlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy.exc import SQLAlchemyError

from course_lib.paths import CourseError
from course_lib.sandbox import files
from course_lib.sandbox.endpoint import TROUBLE, Endpoint, endpoint, explain, running_endpoint
from course_lib.sandbox.errors import BackendUnavailable
from course_lib.sandbox.keeper import call_keeper
from course_lib.sandbox.owners import Owner
from course_lib.sandbox.pool import claim, close, give_back, make, open_books, set_state
from course_lib.sandbox.templates import ensure_template, template_name

Backend = Literal["sqlite", "postgresql"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)


def default_backend() -> Backend:
    """Give the backend that lessons use unless they name one: ``COURSE_BACKEND``, else SQLite.

    Raises:
        CourseError: the variable names no backend.
    """
    return checked(os.environ.get("COURSE_BACKEND") or "sqlite")


def checked(backend: str) -> Backend:
    """Give back the name of a backend, if it is one.

    Raises:
        CourseError: it is not.
    """
    for known in BACKENDS:
        if backend == known:
            return known
    raise CourseError(
        f"There is no backend {backend!r}. The course knows two: sqlite and postgresql. "
        "Name one of them, also in the environment variable COURSE_BACKEND if it is set."
    )


@dataclass
class Lease:
    """A private database holding a slice of the shop, the holder's until it is released.

    ``url`` is a SQLAlchemy URL with its password: hand it to an engine, never print it.
    """

    backend: Backend
    users: int
    url: str = field(repr=False)
    _release: Callable[[], Awaitable[None]] = field(repr=False)
    _pid: int = field(default_factory=os.getpid, repr=False)

    async def release(self) -> None:
        """Give the database back; it is dropped or prepared again behind your back.

        A second call does nothing, and so does a call in a forked child: the lease is its parent's.
        """
        if self._pid == os.getpid():
            self._pid = 0
            await self._release()


async def lease(backend: Backend, users: int) -> Lease:
    """Take a private database filled with this many users of the shop.

    One that was prepared is taken when there is one; else it is made now. It belongs to this process
    and returns when the process ends, however it ends.

    Args:
        backend: "sqlite" or "postgresql".
        users: the number of users; 0 gives the tables without a row.

    Raises:
        BackendUnavailable: the backend cannot be had; the message says what to do.

    Documentation: https://www.postgresql.org/docs/current/manage-ag-templatedbs.html
    """
    if checked(backend) == "sqlite":
        copy = await files.copy_file(users)
        return Lease("sqlite", users, files.url_of(copy), _remover(copy))
    server = await endpoint()
    try:
        url, name = await _take(server, users)
    except BackendUnavailable:
        # The server may have ended between our look at it and our call.
        if running_endpoint() == server:
            raise
        url, name = await _take(await endpoint(), users)
    return Lease("postgresql", users, url, _returner(name))


async def _take(server: Endpoint, users: int) -> tuple[str, str]:
    books = await open_books(server)
    try:
        template = template_name(server, users)
        found = await claim(books, template, Owner.me())
        name, password = found.name, found.password
        if name is None:
            await ensure_template(books, server, users)
            name, password = await make(books, server, template, Owner.me(), recyclable=False)
            await set_state(books, name, "used", Owner.me())
        if not found.kept:
            call_keeper(server)
        return server.url(name, name, password), name
    except (*TROUBLE, SQLAlchemyError) as error:
        raise explain(getattr(error, "orig", None) or error) from error
    finally:
        await close(books)


def _remover(copy: Path) -> Callable[[], Awaitable[None]]:
    async def remove() -> None:
        files.remove_copy(copy)

    return remove


def _returner(name: str) -> Callable[[], Awaitable[None]]:
    async def return_it() -> None:
        # Whatever goes wrong here, the keeper takes the database back when this process has ended.
        with contextlib.suppress(*TROUBLE, BackendUnavailable):
            server = running_endpoint()
            if server is not None:
                books = await open_books(server)
                try:
                    await give_back(books, name)
                finally:
                    await close(books)

    return return_it
