"""The fixtures to take home: nothing that a test stores is there in the next, on both backends."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from course_lib.patterns import Maker, make_engine, rolled_back, unit_of_work
from course_lib.sandbox import Sandbox, open_sandbox
from course_lib.shop import Order, User
from tests.harness import clean_environment

make_user = Maker(User, name="Ada", email=lambda n: f"user{n}@example.com", country="GB")


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with open_sandbox(request.param, users=7) as sandbox:
        yield sandbox


async def users(db: Sandbox) -> int:
    async with db.sessions() as session:
        return (await session.scalar(select(func.count()).select_from(User))) or 0


# ---------------------------------------------------------------- rolled_back


async def test_what_is_committed_is_seen_inside_and_gone_afterwards(db: Sandbox) -> None:
    async with rolled_back(db.engine) as sessions:
        async with sessions.begin() as session:
            user = await make_user.saved(session)
        assert user.name == "Ada"  # readable after the commit
        async with sessions() as session:
            assert await session.get(User, user.id) is not None
            assert await session.get(User, 1) is not None  # what was there before
            await session.delete(await session.get_one(User, user.id))
            await session.commit()
            await make_user.saved(session)
            await session.commit()
            assert await session.scalar(select(func.count()).select_from(User)) == 8
        assert await users(db) == 7  # another connection never sees it
    assert await users(db) == 7
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_rollback_of_the_code_under_test_keeps_what_was_committed(db: Sandbox) -> None:
    async with rolled_back(db.engine) as sessions:
        async with sessions() as session:
            await make_user.saved(session)
            await session.commit()
            await make_user.saved(session)
            await session.rollback()
            assert await session.scalar(select(func.count()).select_from(User)) == 8
            with pytest.raises(IntegrityError):
                await make_user.saved(session, email=None)
            await session.rollback()
            assert await session.scalar(select(func.count()).select_from(User)) == 8
        with pytest.raises(KeyError):
            async with unit_of_work(sessions) as work:
                await make_user.saved(work.session)
                raise KeyError
        async with sessions() as outer:
            await make_user.saved(outer)
            async with sessions.begin() as inner:  # one inside the other
                await make_user.saved(inner)
            await outer.commit()
            assert await outer.scalar(select(func.count()).select_from(User)) == 10
    assert await users(db) == 7


@pytest.mark.parametrize("error", [KeyError, asyncio.CancelledError])
async def test_a_failing_test_leaves_nothing_either(db: Sandbox, error: type[BaseException]) -> None:
    with pytest.raises(error):
        async with rolled_back(db.engine) as sessions, sessions() as session:
            await make_user.saved(session)
            await session.commit()
            raise error
    assert await users(db) == 7
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_the_limit_is_sessions_side_by_side() -> None:
    """Savepoints are nested: releasing the outer one takes the inner one along. The docstring says so."""
    async with open_sandbox("postgresql", users=7) as db:
        with pytest.raises(DBAPIError, match="savepoint"):
            async with rolled_back(db.engine) as sessions, sessions() as one, sessions() as other:
                await make_user.saved(one)
                await make_user.saved(other)
                await one.commit()
                await other.commit()
        assert await users(db) == 7


# ---------------------------------------------------------------- Maker


async def test_a_maker_fills_in_what_is_not_named(db: Sandbox) -> None:
    user_maker = Maker(User, name="Ada", email=lambda n: f"user{n}@example.com", country="GB")
    order_maker = Maker(Order, user=user_maker, ordered_on=func.current_date(), cds=1, cents=999)
    assert [user_maker().email, user_maker(email="own").email] == ["user1@example.com", "own"]
    async with db.sessions() as session:
        order = await order_maker.saved(session, cents=0)
        assert (order.cds, order.cents, order.user.email) == (1, 0, "user3@example.com")
        assert order.user_id == order.user.id
        given = await order_maker.saved(session, user=order.user)
        assert given.user is order.user
    with pytest.raises(TypeError, match="nmae"):
        user_maker(nmae="x")
    assert await users(db) == 7


# ---------------------------------------------------------------- the fixtures, in a pytest of their own

CONFTEST = """
    import pytest
    from course_lib.shop import Base
    pytest_plugins = ["course_lib.patterns.fixtures"]

    @pytest.fixture(scope="session")
    def metadata():
        return Base.metadata
"""

TESTS = """
    import asyncio
    import pytest
    from sqlalchemy import func, select
    from course_lib.shop import User

    engines = []

    async def stores_and_commits(sessions):
        async with sessions() as session:
            assert await session.scalar(select(func.count()).select_from(User)) == 0
            session.add(User(name="x", email="x", country="DE"))
            await session.commit()
        async with sessions() as session:
            assert await session.scalar(select(func.count()).select_from(User)) == 1

    async def test_one(sessions, engine):
        engines.append(engine)
        await stores_and_commits(sessions)

    async def test_two(sessions, session, engine):
        engines.append(engine)
        await stores_and_commits(sessions)
        assert await session.scalar(select(func.count()).select_from(User)) == 1

    @pytest.mark.xfail(strict=True, raises=KeyError)
    async def test_three_fails(sessions):
        await stores_and_commits(sessions)
        raise KeyError

    async def test_four(session):
        assert await session.scalar(select(func.count()).select_from(User)) == 0

    def test_engines():
        assert len(set(map(id, engines))) == ENGINES
"""


def run_pytest(folder: Path, ini: str, tests: str = TESTS, conftest: str = CONFTEST, **more: str) -> str:
    """A pytest as a reader's project has it; gives what it printed."""
    ini = f"[pytest]\nasyncio_mode = auto\n{ini}\nfilterwarnings =\n    error\n"
    files = {
        "pytest.ini": ini,
        "conftest.py": textwrap.dedent(conftest),
        "test_it.py": textwrap.dedent(tests),
    }
    for name, content in files.items():
        (folder / name).write_text(content)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--color=no",
        f"--rootdir={folder}",
    ]
    environment = clean_environment(**more)
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return run.stdout + run.stderr


def scope(tests: str, fixtures: str) -> str:
    return f"asyncio_default_test_loop_scope = {tests}\nasyncio_default_fixture_loop_scope = {fixtures}"


@pytest.mark.parametrize(("loop", "engines"), [("function", 2), ("session", 1)])
async def test_the_fixtures_isolate_whatever_the_loop(
    db: Sandbox, tmp_path: Path, loop: str, engines: int
) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(User.metadata.drop_all)  # the fixtures create what is missing
    tests = TESTS.replace("ENGINES", str(engines))
    output = run_pytest(tmp_path, scope(loop, loop), tests, TEST_DATABASE_URL=db.url)
    assert "4 passed, 1 xfailed" in output, output
    assert await users(db) == 0  # the tables are there, and nothing in them


def test_without_a_url_a_sqlite_file_is_made(tmp_path: Path) -> None:
    assert "TEST_DATABASE_URL" not in os.environ
    output = run_pytest(tmp_path, scope("function", "function"), TESTS.replace("ENGINES", "2"))
    assert "4 passed, 1 xfailed" in output, output


def test_unequal_loops_and_missing_metadata_are_explained(tmp_path: Path) -> None:
    output = run_pytest(tmp_path, scope("session", "function"))
    assert "an engine serves one loop" in output.replace('"\n', ""), output
    bare = 'pytest_plugins = ["course_lib.patterns.fixtures"]\n'
    output = run_pytest(tmp_path, scope("function", "function"), conftest=bare)
    assert "Write one in conftest.py" in output, output


async def test_an_engine_of_another_loop_is_the_reason_for_the_scope() -> None:
    """If this ever passes, one engine may serve all tests whatever their loop."""
    async with open_sandbox("postgresql", users=7) as db:
        engine = make_engine(db.url)

        async def ask() -> int:
            async with rolled_back(engine) as sessions, sessions() as session:
                return (await session.scalar(select(func.count()).select_from(User))) or 0

        assert await ask() == 7
        with ThreadPoolExecutor(1) as thread, pytest.raises((RuntimeError, DBAPIError)) as caught:
            # This loop stands still meanwhile: it would read the answers to the connection that it opened.
            thread.submit(asyncio.run, ask()).result()
        # On 2.0 the rollback that follows fails too, and hides the first error.
        told, error = "", caught.value
        while error is not None:
            told, error = f"{told}{error}\n", error.__context__
        assert "attached to a different loop" in told
        await engine.dispose(close=False)


def test_the_patterns_import_without_pytest() -> None:
    """A reader's own application has no pytest; only ``fixtures`` asks for it."""
    code = (
        "import sys; sys.modules['pytest'] = sys.modules['pytest_asyncio'] = None;"
        "import course_lib.patterns, course_lib.patterns.testing"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
