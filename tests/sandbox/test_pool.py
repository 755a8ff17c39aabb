"""Leases on PostgreSQL: ready beforehand, private, and back on the shelf or gone afterwards."""

# ruff: noqa: ASYNC222 - a test may block its loop

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from course_lib.patterns import make_engine
from course_lib.sandbox import BackendUnavailable, Lease, keeper, lease, pool, server
from course_lib.sandbox.endpoint import endpoint
from course_lib.sandbox.keeper import ENOUGH, IDLE
from tests.sandbox.helpers import ask, begin, books, command, state_of, until

READY = "SELECT count(*) FROM private WHERE template LIKE $1 AND state = 'ready' AND baseline IS NOT NULL"
HOLD = """
import asyncio, time
from course_lib.sandbox import lease
print(asyncio.run(lease("postgresql", 7)).url, flush=True)
time.sleep(300)
"""


async def ready(users: int) -> int:
    return int(await books(READY, f"%\\_{users}"))


async def stocked(users: int) -> bool:
    """Wait until the keeper has put enough on the shelf."""

    async def enough() -> bool:
        return await ready(users) >= IDLE

    return await until(enough)


async def lease_ready(users: int) -> Lease:
    """Take a database that the keeper has prepared."""
    await (await lease("postgresql", users)).release()
    assert await stocked(users)
    held = await lease("postgresql", users)
    name = make_url(held.url).database
    assert await books("SELECT baseline IS NOT NULL FROM private WHERE name = $1", name)
    return held


async def settled(url: str) -> str | None:
    """Wait until the keeper has decided about a returned database."""
    states: list[str | None] = []

    async def decided() -> bool:
        states.append(await state_of(url))
        return states[-1] in ("ready", "used", None)

    assert await until(decided)
    return states[-1]


@pytest.mark.parametrize("users", [0, 1, 7, 100])
async def test_it_is_filled(home: Path, users: int) -> None:
    held = await lease("postgresql", users)
    assert await ask(held.url, "SELECT count(*) FROM users") == users
    await held.release()


async def test_a_ready_one_is_taken_without_create_or_drop(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await lease("postgresql", 7)).release()
    assert await stocked(7)

    async def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the reader waits for CREATE DATABASE")

    monkeypatch.setattr("course_lib.sandbox.leases.make", refuse)
    monkeypatch.setattr("course_lib.sandbox.leases.ensure_template", refuse)
    held = await lease("postgresql", 7)
    assert await ask(held.url, "SELECT count(*) FROM users") == 7
    await held.release()


async def test_each_is_private(home: Path) -> None:
    one, other = await asyncio.gather(lease("postgresql", 1), lease("postgresql", 1))
    await ask(one.url, "DELETE FROM order_lines")
    assert await ask(other.url, "SELECT count(*) FROM order_lines") > 0
    await one.release()
    await other.release()


@pytest.mark.parametrize(
    "statement",
    ["SELECT count(*) FROM orders", "SELECT id FROM users FOR UPDATE", "DELETE FROM users WHERE false"],
)
async def test_what_was_only_read_serves_again(home: Path, statement: str) -> None:
    held = await lease_ready(7)
    await ask(held.url, statement)
    await held.release()
    assert await settled(held.url) in ("ready", "used")


async def test_what_lay_ready_during_a_restart_serves_again_too(own_home) -> None:
    own_home()
    await (await lease("postgresql", 7)).release()
    assert await stocked(7)
    before = await books("SELECT json_agg(baseline) FROM private WHERE state = 'ready'")
    server.stop()
    server.start()
    keeper._called.clear()
    keeper.call_keeper(await endpoint())

    async def renewed() -> bool:
        now = await books("SELECT json_agg(baseline) FROM private WHERE state = 'ready'")
        return bool(now != before)

    assert await until(renewed)
    await asyncio.sleep(0.5)
    held = await lease("postgresql", 7)
    await ask(held.url, "SELECT 1")
    await held.release()
    assert await settled(held.url) == "ready"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO tags (name) VALUES ('new')",
        "UPDATE users SET name = name",
        "DELETE FROM order_lines",
        "SELECT nextval('users_id_seq')",
        "SELECT setval('users_id_seq', 1)",
        "CREATE TABLE t (id int)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE INDEX ON users (name)",
        "ALTER TABLE users ADD COLUMN note text",
        "TRUNCATE user_tags",
        "DROP TABLE order_lines",
        "COMMENT ON TABLE users IS 'mine'",
        "GRANT SELECT ON users TO PUBLIC",
        "SELECT lo_from_bytea(0, 'x')",
        "ALTER ROLE CURRENT_USER SET work_mem = '1MB'",
        "ALTER DATABASE {database} SET work_mem = '1MB'",
        "GRANT CONNECT ON DATABASE {database} TO PUBLIC",
        "ALTER DATABASE {database} CONNECTION LIMIT 3",
    ],
)
async def test_what_was_written_to_does_not(home: Path, statement: str) -> None:
    held = await lease_ready(0 if "t (id" in statement else 7)
    await ask(held.url, statement.format(database=make_url(held.url).database))
    await held.release()
    assert await settled(held.url) is None


async def test_what_was_rolled_back_does_not_either(home: Path) -> None:
    held = await lease_ready(7)
    engine = make_engine(held.url)
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO tags (name) VALUES ('new')"))
        await connection.rollback()
    await engine.dispose()
    await held.release()
    assert await settled(held.url) is None


async def test_an_engine_of_the_last_holder_cannot_come_back(home: Path) -> None:
    held = await lease_ready(7)
    engine = make_engine(held.url)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        await held.release()
        assert await settled(held.url) in ("ready", "used")
        with pytest.raises(Exception):  # noqa: B017 - its connection was closed
            await connection.execute(text("SELECT 1"))
    with pytest.raises(Exception, match="password authentication failed"):
        await ask(held.url, "SELECT 1")
    await engine.dispose()


async def test_release_comes_from_the_holder_alone(home: Path) -> None:
    held = await lease("postgresql", 7)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            held.release().send(None)
        except StopIteration:
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert await state_of(held.url) == "used"
    await held.release()
    await held.release()
    assert await state_of(held.url) != "used"


async def test_a_child_that_dies_leaves_the_lease_to_its_parent(home: Path) -> None:
    held = await lease("postgresql", 7)
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    await asyncio.sleep(1)
    assert await state_of(held.url) == "used"
    assert await ask(held.url, "SELECT count(*) FROM users") == 7
    await held.release()


async def test_the_lease_of_a_killed_process_returns(home: Path) -> None:
    with begin(HOLD) as other:
        assert other.stdout
        url = other.stdout.readline().strip()
        assert await state_of(url) == "used"
        other.kill()
    keeper.call_keeper(await endpoint())
    await (await lease("postgresql", 1)).release()  # wakes the keeper, which looks every few seconds only

    async def returned() -> bool:
        return await state_of(url) in (None, "ready")

    assert await until(returned)


async def test_a_second_kernel_after_a_kill(home: Path) -> None:
    with begin(HOLD) as other:
        assert other.stdout and other.stdout.readline()
        other.kill()
    held = await lease("postgresql", 7)
    assert await ask(held.url, "SELECT count(*) FROM users") == 7
    await held.release()


async def test_many_processes_at_once_get_different_ones(home: Path) -> None:
    code = """
import asyncio
from course_lib.sandbox import lease
async def main():
    held = await asyncio.gather(*(lease("postgresql", 1) for _ in range(3)))
    print(*(each.url.rsplit("/")[-1] for each in held), flush=True)
    input()
    for each in held:
        await each.release()
asyncio.run(main())
"""
    others = [begin(code, stdin=subprocess.PIPE) for _ in range(4)]
    names = [name for other in others if other.stdout for name in other.stdout.readline().split()]
    for other in others:
        other.communicate("\n")
    assert len(names) == len(set(names)) == 12
    assert all(other.returncode == 0 for other in others)


async def test_the_shelf_stays_small(home: Path) -> None:
    held = [await lease("postgresql", 1) for _ in range(10)]
    for each in held:
        await each.release()

    async def quiet() -> bool:
        return not await books("SELECT count(*) FROM private WHERE state NOT IN ('ready', 'used')")

    assert await until(quiet)
    assert IDLE <= await ready(1) <= ENOUGH


async def test_the_total_is_bounded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await (await lease("postgresql", 1)).release()
    monkeypatch.setattr(pool, "MOST", 0)
    await books("DELETE FROM private WHERE state = 'none of these'")
    with pytest.raises(BackendUnavailable, match="Shut down kernels you no longer need"):
        while True:
            await lease("postgresql", 1)
    await books("UPDATE private SET state = 'dirty', pid = NULL WHERE state = 'used'")


async def test_two_first_leases_build_one_template(home: Path) -> None:
    code = (
        "import asyncio; from course_lib.sandbox import lease\n"
        "print(asyncio.run(lease('postgresql', 23)).users)"
    )
    both = [begin(code) for _ in range(2)]
    assert [other.communicate()[0].strip() for other in both] == ["23", "23"]
    assert await books("SELECT count(*) FROM template WHERE users = 23") == 1


async def test_a_build_that_was_killed_is_begun_anew(home: Path) -> None:
    code = """
import asyncio, os
from course_lib.sandbox import leases, templates
async def die(engine, users): os.kill(os.getpid(), 9)
templates.fill = die
asyncio.run(leases.lease("postgresql", 29))
"""
    with begin(code) as other:
        other.wait(60)
    assert await books("SELECT count(*) FROM private WHERE template IS NULL AND state = 'making'") == 1
    held = await lease("postgresql", 29)
    assert await ask(held.url, "SELECT count(*) FROM users") == 29
    await held.release()

    async def cleared() -> bool:
        return not await books("SELECT count(*) FROM private WHERE template IS NULL")

    assert await until(cleared)


KEEPERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 7002 AND granted"


async def test_there_is_one_keeper_and_a_new_one_when_it_dies(home: Path) -> None:
    held = await lease("postgresql", 1)
    extra = [asyncio.create_subprocess_exec(*command("from course_lib.sandbox.keeper import main; main()"))]
    async with asyncio.timeout(60):
        await (await extra[0]).wait()  # it sees the other one and leaves

    async def runs() -> bool:
        return await books(KEEPERS) is not None

    assert await until(runs)
    await books(KEEPERS.replace("pid", "pg_terminate_backend(pid)", 1))
    keeper._called.clear()
    await held.release()
    await (await lease("postgresql", 1)).release()
    assert await until(runs)


async def test_the_keeper_needs_no_terminal_and_no_parent(home: Path) -> None:
    with begin(HOLD) as other:
        assert other.stdout and other.stdout.readline()
        os.killpg(other.pid, signal.SIGKILL) if os.getpgid(other.pid) == other.pid else other.kill()
    assert await stocked(7)
