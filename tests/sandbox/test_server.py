"""The private server as it should be: closed to others, its superuser nobody's but ours."""

import asyncio
import stat
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from course_lib.sandbox import lease, prepare, readiness, server
from course_lib.sandbox.cluster import Cluster
from course_lib.sandbox.endpoint import connect, running_endpoint
from course_lib.sandbox.files import template_file
from course_lib.sandbox.postmaster import read_pid_file
from tests.sandbox.helpers import ROOT, ask, books, until

SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []


def test_start_status_stop(own_home) -> None:
    own_home()
    assert not server.status().running
    assert not server.stop()
    found = server.start()
    assert found.running and found.private and found.port and int(found.version.split(".")[0]) >= 15
    assert server.start() == found
    assert server.stop()
    assert not server.status().running
    assert server.start().port == found.port  # engines that were open find it again


async def test_it_listens_here_only_and_asks_for_a_password(home: Path) -> None:
    server.start()
    here = running_endpoint()
    assert here
    admin = await connect(here)
    settings = {
        row["name"]: row["setting"] for row in await admin.fetch("SELECT name, setting FROM pg_settings")
    }
    assert settings["listen_addresses"] == "127.0.0.1"
    assert settings["unix_socket_directories"] == ""
    assert settings["fsync"] == "off"
    methods = await admin.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    assert [row[0] for row in methods] == ["scram-sha-256"]
    open_to_all = await admin.fetch(
        "SELECT datname FROM pg_database "
        "WHERE has_database_privilege('public', oid, 'CONNECT') AND datallowconn"
    )
    assert not open_to_all
    await admin.close()


def test_its_files_are_its_owners(home: Path) -> None:
    server.start()
    cluster = Cluster.find()
    assert stat.S_IMODE((cluster.folder / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(cluster.home.stat().st_mode) == 0o700
    assert cluster.folder.name == str(cluster.binaries.major)
    if ROOT:
        assert cluster.data.stat().st_uid != 0


async def test_what_a_readers_role_may_not_do(home: Path) -> None:
    mine, theirs = await lease("postgresql", 1), await lease("postgresql", 1)
    try:
        role = "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls "
        assert not await ask(mine.url, role + "FROM pg_roles WHERE rolname = current_user")
        assert (
            await ask(
                mine.url, "SELECT count(*) FROM pg_database d WHERE pg_get_userbyid(datdba) = current_user"
            )
            == 1
        )
        for other in (make_url(theirs.url).database, "postgres", "template1", "course_admin"):
            url = make_url(mine.url).set(database=other).render_as_string(hide_password=False)
            with pytest.raises(Exception, match="permission denied for database"):
                await ask(url, "SELECT 1")
        for forbidden in (
            "COPY tags FROM PROGRAM 'echo'",
            "CREATE ROLE x",
            "ALTER ROLE CURRENT_USER CREATEDB",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                await ask(mine.url, forbidden)
    finally:
        await mine.release()
        await theirs.release()


async def test_what_a_readers_role_may_do(home: Path) -> None:
    held = await lease("postgresql", 7)
    for allowed in (
        "CREATE TABLE notes (id int)",
        "ALTER TABLE users ADD COLUMN note text",
        "CREATE SCHEMA mine",
        "DROP TABLE order_lines",
        "INSERT INTO tags (name) VALUES ('new')",
        "ANALYZE",
    ):
        await ask(held.url, allowed)
    await held.release()


async def test_text_sorts_by_code_point(home: Path) -> None:
    held = await lease("postgresql", 0)
    assert (
        await ask(
            held.url, "SELECT string_agg(t, '' ORDER BY t) FROM (VALUES ('b'), ('B'), ('a'), ('é')) v(t)"
        )
        == "Babé"
    )
    await held.release()


def test_readiness_and_preparation(own_home) -> None:
    own_home()
    found = readiness()
    assert found["sqlite"].ready and found["postgresql"].ready
    said: list[str] = []
    assert prepare(said.append) == found
    assert len(said) == 2
    assert all(template_file(users).is_file() for users in server.SIZES)

    async def shelves_are_filled() -> bool:
        return int(await books("SELECT count(*) FROM private WHERE state = 'ready'")) == 2 * len(server.SIZES)

    assert asyncio.run(until(shelves_are_filled))


async def test_it_can_be_asked_while_a_loop_runs(home: Path) -> None:
    assert readiness()["postgresql"].ready
    assert server.status().running


async def test_reset_begins_anew(own_home) -> None:
    own_home()
    await lease("postgresql", 1)
    await lease("sqlite", 1)
    server.reset()
    assert not Cluster.find().folder.exists() and not template_file(1).exists()
    held = await lease("postgresql", 1)
    assert await ask(held.url, "SELECT count(*) FROM users") == 1


def test_without_binaries_the_sentence_says_what_to_do(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home()
    monkeypatch.setenv("COURSE_POSTGRES_BIN", "/nowhere")
    found = readiness()
    assert found["sqlite"].ready and not found["postgresql"].ready
    assert found["postgresql"].detail.startswith("No PostgreSQL 15 or newer was found")
    assert "COURSE_DATABASE_URL" in found["postgresql"].remedy


def test_binaries_that_are_too_old_are_refused(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = own_home() / "old"
    folder.mkdir()
    for name in ("initdb", "pg_ctl", "postgres"):
        (folder / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("COURSE_POSTGRES_BIN", str(folder))
    assert "COURSE_POSTGRES_BIN: 14.9" in readiness()["postgresql"].detail


@pytest.mark.skipif(not SYSTEM, reason="this machine has no PostgreSQL of its own")
async def test_the_systems_binaries_serve_as_well(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home()
    monkeypatch.setenv("COURSE_POSTGRES_BIN", str(SYSTEM[-1]))
    held = await lease("postgresql", 7)
    assert await ask(held.url, "SELECT count(*) FROM users") == 7
    assert server.status().version.split(".")[0] == SYSTEM[-1].parent.name
    await held.release()
    assert server.stop()


async def test_a_server_nobody_uses_is_stopped(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home()
    monkeypatch.setenv("COURSE_KEEPER_PATIENCE", "1")
    held = await lease("postgresql", 1)
    cluster = Cluster.find()
    await asyncio.sleep(3)
    assert cluster.port(), "a lease keeps the server up"
    await held.release()

    async def is_down() -> bool:
        return read_pid_file(cluster.data) is None

    assert await until(is_down), (cluster.home.parent / "home" / "keeper.log").read_text()


def test_the_server_holds_no_pipe_of_ours(own_home) -> None:
    base = own_home()
    from tests.sandbox.helpers import command

    # Were the server to inherit our output, this would wait for the server's end.
    code = "import asyncio; from course_lib.sandbox import lease; asyncio.run(lease('postgresql', 1))"
    subprocess.run(command(code), capture_output=True, timeout=60, check=True)
    assert base.is_dir()
