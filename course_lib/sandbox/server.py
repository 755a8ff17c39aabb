"""What the command line does with the databases: start, stop, look, begin anew, prepare."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from course_lib.paths import CourseError
from course_lib.sandbox import files
from course_lib.sandbox.cluster import Cluster
from course_lib.sandbox.endpoint import (
    TROUBLE,
    Endpoint,
    connect,
    endpoint,
    explain,
    is_private,
    running_endpoint,
)
from course_lib.sandbox.keeper import call_keeper
from course_lib.sandbox.leases import Backend
from course_lib.sandbox.pool import close, drop, open_books
from course_lib.sandbox.templates import ensure_template

SIZES = (0, 1, 7, 100, 501, 1200)
T = TypeVar("T")


@dataclass(frozen=True)
class Readiness:
    """Whether a backend works: its version, a sentence of detail, and what to do when it does not."""

    ready: bool
    version: str
    detail: str
    remedy: str


@dataclass(frozen=True)
class Status:
    """The PostgreSQL server: whether it runs, whose it is, its version, port and number of databases."""

    running: bool
    private: bool
    version: str
    port: int | None
    databases: int
    detail: str


def start() -> Status:
    """Start the private server, or reach the reader's own.

    Raises:
        BackendUnavailable: it cannot be started or reached.
    """
    _in_a_loop(_hello)
    return status()


def stop() -> bool:
    """Stop the private server; False when it did not run, or is the reader's own, which is left alone."""
    return is_private() and Cluster.find().stop()


def status() -> Status:
    """Look at the server without starting it.

    Raises:
        BackendUnavailable: there can be no server (no binaries, no folder, an unreadable URL), or the
            reader's own does not answer.
    """
    server = running_endpoint()
    if server is None:
        binaries = Cluster.find().binaries
        return Status(False, True, binaries.version, None, 0, f"not running; binaries: {binaries.source}")
    version, databases = _in_a_loop(lambda: _look(server))
    whose = f"binaries: {Cluster.find().binaries.source}" if server.private else "by COURSE_DATABASE_URL"
    return Status(True, server.private, version, server.port, databases, f"running; {whose}")


def reset() -> None:
    """Delete every database the course has made, templates included; progress is kept.

    The private server is stopped and its data deleted. On the reader's own server only what the course
    created is dropped.

    Raises:
        BackendUnavailable: the reader's own server cannot be reached.
    """
    files.remove_templates()
    if is_private():
        Cluster.find().remove()
    else:
        _in_a_loop(_drop_everything)


def readiness() -> dict[Backend, Readiness]:
    """Say for each backend whether it works, by trying; this starts the private server."""
    return {"sqlite": _sqlite(), "postgresql": _postgresql()}


def prepare(progress: Callable[[str], None]) -> dict[Backend, Readiness]:
    """Start the server and build the templates of the usual sizes, so that no reader waits for them.

    A backend that cannot be had is told to ``progress`` and in the result; nothing is raised for it.

    Args:
        progress: is called with a line of text at each step.
    """
    found = readiness()
    if found["sqlite"].ready:
        progress(f"SQLite {found['sqlite'].version}: building practice databases")
        found["sqlite"] = _attempt(found["sqlite"], lambda: files.prepare_files(SIZES))
    if found["postgresql"].ready:
        progress(f"PostgreSQL {found['postgresql'].version}: building practice databases")
        found["postgresql"] = _attempt(found["postgresql"], _prepare_postgresql)
    for backend, each in found.items():
        if not each.ready:
            progress(f"{backend} is not available: {each.detail} {each.remedy}")
    return found


def _attempt(before: Readiness, work: Callable[[], Coroutine[Any, Any, None]]) -> Readiness:
    try:
        _in_a_loop(work)
    except CourseError as error:
        return _not_ready(before.version, error)
    return before


def _sqlite() -> Readiness:
    try:
        file = _in_a_loop(lambda: files.copy_file(1))
    except CourseError as error:
        return _not_ready(sqlite3.sqlite_version, error)
    files.remove_copy(file)
    return Readiness(True, sqlite3.sqlite_version, "built into Python", "")


def _postgresql() -> Readiness:
    try:
        found = start()
    except CourseError as error:
        return _not_ready("", error)
    return Readiness(True, found.version, found.detail, "")


def _not_ready(version: str, error: CourseError) -> Readiness:
    # Every message is built of what happened, what it means and, last, what to do.
    sentences = str(error).split(". ")
    return Readiness(False, version, ". ".join(sentences[:-1]).rstrip(".") + ".", sentences[-1])


async def _hello() -> None:
    server = await endpoint()
    await close(await open_books(server))


async def _look(server: Endpoint) -> tuple[str, int]:
    books = await open_books(server)
    try:
        version = await books.fetchval("SELECT split_part(current_setting('server_version'), ' ', 1)")
        return str(version), int(await books.fetchval("SELECT count(*) FROM private"))
    finally:
        await close(books)


async def _prepare_postgresql() -> None:
    server = await endpoint()
    books = await open_books(server)
    try:
        for users in SIZES:
            await ensure_template(books, server, users)
    except (*TROUBLE, SQLAlchemyError) as error:
        raise explain(getattr(error, "orig", None) or error) from error
    finally:
        await close(books)
    call_keeper(server)  # it puts the first databases on the shelf


async def _drop_everything() -> None:
    server = await endpoint()
    books = await open_books(server)
    try:
        # The keeper must not make another one meanwhile.
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        await books.execute(f"SELECT pg_terminate_backend(pid) {others}")
        for _ in range(100):
            if not await books.fetchval(f"SELECT count(*) {others}"):
                break
            await asyncio.sleep(0.05)
        for row in await books.fetch("SELECT name FROM private"):
            await drop(books, row["name"])
        for row in await books.fetch("SELECT name FROM template"):
            await books.execute(f"DROP DATABASE IF EXISTS {row['name']} WITH (FORCE)")
        fillers = [row["name"] for row in await books.fetch("SELECT name FROM filler")]
    finally:
        await close(books)
    first = await connect(server, server.database)
    try:
        await first.execute(f"DROP DATABASE IF EXISTS {server.admin} WITH (FORCE)")
        for filler in fillers:
            await first.execute(f"DROP ROLE IF EXISTS {filler}")
    except TROUBLE as error:
        raise explain(error) from error
    finally:
        await close(first)


def _in_a_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine from plain code, also where a loop already runs, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work())
    result: list[T] = []
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            result.append(asyncio.run(work()))
        except BaseException as error:
            trouble.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if trouble:
        raise trouble[0]
    return result[0]
