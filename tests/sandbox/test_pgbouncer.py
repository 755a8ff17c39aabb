"""A PgBouncer for a block: it starts, serves and ends, also when things go wrong, and tells no secret."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import NullPool, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from course_lib.patterns import make_engine, make_pgbouncer_engine
from course_lib.sandbox import (
    BackendUnavailable,
    Sandbox,
    open_sandbox,
    pgbouncer,
    pgbouncer_or_say,
    pgbouncer_version,
    pooler,
)
from course_lib.sandbox.pooler import find_pgbouncer
from tests.harness import need
from tests.sandbox.helpers import until


@pytest.fixture
def installed() -> None:
    try:
        find_pgbouncer()
    except BackendUnavailable as error:
        need(False, "PgBouncer", str(error))


@pytest.fixture
def folder(installed: None) -> Iterator[Path]:
    """For temporary files, the test's own."""
    folder = Path(tempfile.mkdtemp(prefix="course-test-"))
    folder.chmod(0o755)
    yield folder
    left = list(folder.iterdir())
    shutil.rmtree(folder)
    assert left == []


@pytest.fixture
async def db(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with open_sandbox("postgresql", users=1) as box:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        yield box
        monkeypatch.undo()


def running() -> list[psutil.Process]:
    """The PgBouncers that were started from the folder of this test."""
    found = []
    for process in psutil.process_iter():
        try:
            if tempfile.gettempdir() in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def in_folder(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.rglob("*")}


async def ended() -> bool:
    return not running()


async def test_it_lends_a_connection_for_a_transaction(db: Sandbox) -> None:
    async with pgbouncer(db.url, servers=1) as url:
        assert (make_url(url).host, make_url(url).query) == ("127.0.0.1", {})
        engine = make_pgbouncer_engine(url)

        async def ask() -> int:
            async with engine.connect() as connection:
                return int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())

        assert len({await each for each in [asyncio.create_task(ask()) for _ in range(10)]}) == 1
        if hasattr(os, "geteuid"):
            program = [each for each in running() if each.name() == "pgbouncer"]
            assert program and all(each.uids().effective != 0 for each in program)
    assert await until(ended, 10)


async def test_it_follows_no_prepared_statements_whatever_its_version(db: Sandbox) -> None:
    async with pgbouncer(db.url, servers=2) as url:
        mine, other = make_engine(url), make_engine(url)
        async with mine.connect() as connection:
            await connection.scalar(select(1))
        async with other.connect() as busy, mine.connect() as connection:
            await busy.scalar(select(2))
            with pytest.raises(DBAPIError, match="does not exist"):
                await connection.scalar(select(1))
        await mine.dispose()
        await other.dispose()


@pytest.mark.parametrize(("discard", "kept"), [(False, 3), (True, 1)])
async def test_it_cleans_a_connection_if_told(db: Sandbox, discard: bool, kept: int) -> None:
    count = text("SELECT count(*) FROM pg_prepared_statements")
    async with pgbouncer(db.url, discard=discard) as url:
        engine = make_pgbouncer_engine(url)
        for _ in range(3):
            async with engine.connect() as connection:
                seen = await connection.scalar(count)
        assert seen == kept


async def test_an_error_and_a_cancellation_end_it(db: Sandbox) -> None:
    with pytest.raises(KeyError):
        async with pgbouncer(db.url):
            raise KeyError
    assert await until(ended, 10)

    inside = asyncio.Event()

    async def cell() -> None:
        async with pgbouncer(db.url):
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(cell())
    await asyncio.wait_for(inside.wait(), 20)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() and await until(ended, 10)


async def test_a_wrong_password_is_refused_and_nothing_is_open_to_others(db: Sandbox, folder: Path) -> None:
    async with pgbouncer(db.url) as url:
        engine = make_engine(make_url(url).set(password="guessed"), poolclass=NullPool)
        with pytest.raises(DBAPIError, match="auth"):
            async with engine.connect():
                pass
        password = str(make_url(url).password)
        assert all(password not in " ".join(each.cmdline()) for each in running())
        files = in_folder(folder)
        assert len(files) == 4 and not any(file.stat().st_mode & 0o077 for file in files.values())
        assert password not in files["log"].read_text()


async def test_a_taken_port_makes_it_choose_another(db: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    taken = server.sockets[0].getsockname()[1]
    ports, free = [taken], pooler._free_port
    monkeypatch.setattr(pooler, "_free_port", lambda: ports.pop() if ports else free())
    async with server, pgbouncer(db.url) as url:
        assert make_url(url).port != taken and not ports


async def test_one_that_does_not_start_says_why(db: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooler, "_write", lambda folder, *_: (folder / "log").touch(0o666))
    with pytest.raises(BackendUnavailable, match=r"PgBouncer did not start: .*settings\.ini") as caught:
        async with pgbouncer(db.url):
            pytest.fail("it must not get here")
    assert str(make_url(db.url).password) not in str(caught.value)
    assert tempfile.gettempdir() not in str(caught.value)
    assert await until(ended, 10)


async def test_without_the_program_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pooler.shutil, "which", lambda *_, **__: None)
    with pytest.raises(BackendUnavailable, match="PgBouncer is not installed"):
        pgbouncer_version()
    async with open_sandbox("sqlite", users=0) as box:  # it is not asked before the program is there
        monkeypatch.delenv("CI", raising=False)
        async with pgbouncer_or_say(box) as url:
            assert url is None
        assert "PgBouncer is not installed" in capsys.readouterr().out
        async with pgbouncer_or_say(None) as url:
            assert url is None
        assert capsys.readouterr().out == ""
        monkeypatch.setenv("CI", "true")
        with pytest.raises(BackendUnavailable):
            async with pgbouncer_or_say(box):
                pytest.fail("in CI its absence is a failure")


async def test_with_a_sandbox_the_url(db: Sandbox) -> None:
    with pytest.raises(LookupError):
        async with pgbouncer_or_say(db) as url:
            assert url
            raise LookupError
    assert await until(ended, 10)
