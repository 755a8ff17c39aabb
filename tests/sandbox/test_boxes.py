"""The sandbox as lessons use it."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from course_lib.paths import CourseError
from course_lib.sandbox import (
    BACKENDS,
    Backend,
    BackendUnavailable,
    default_backend,
    fresh,
    fresh_or_say,
    lease,
    open_sandbox,
)
from course_lib.shop import User
from tests.sandbox.helpers import ask, state_of


@pytest.mark.parametrize("backend", BACKENDS)
async def test_open_it_and_use_it(home: Path, backend: Backend) -> None:
    async with open_sandbox(backend, users=7) as db:
        async with db.sessions() as session:
            assert await session.scalar(select(func.count()).select_from(User)) == 7
            session.add(User(name="Ada", email="ada@example.org", country="GB"))
            await session.commit()
        assert await ask(db.url, "SELECT count(*) FROM users") == 8
        assert repr(db) == f"<Sandbox: {backend}, 7 users>"


@pytest.mark.parametrize("backend", BACKENDS)
async def test_fresh_replaces_the_one_before(home: Path, backend: Backend) -> None:
    first = await fresh(backend, users=1)
    async with first.engine.connect():  # left open, as readers do
        second = await fresh(backend, users=1)
        assert first.url != second.url
        if backend == "postgresql":
            assert await state_of(first.url) != "used"
    await second.close()
    await second.close()


async def test_sandboxes_on_two_backends_live_side_by_side(home: Path) -> None:
    one, other = await fresh("sqlite", users=1), await fresh("postgresql", users=1)
    assert await ask(one.url, "SELECT count(*) FROM users") == 1
    assert await ask(other.url, "SELECT count(*) FROM users") == 1
    await one.close()
    await other.close()


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_left_by_a_loop_that_ended_can_be_closed(home: Path, backend: Backend) -> None:
    async def use() -> None:
        db = await fresh(backend, users=1)
        async with db.engine.connect():
            pass

    asyncio.run(use())
    asyncio.run(use())


async def test_the_default_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_BACKEND", raising=False)
    assert default_backend() == "sqlite"
    monkeypatch.setenv("COURSE_BACKEND", "postgresql")
    assert default_backend() == "postgresql"
    monkeypatch.setenv("COURSE_BACKEND", "oracle")
    with pytest.raises(CourseError, match="sqlite and postgresql"):
        default_backend()


async def test_an_unknown_backend_is_one_sentence(home: Path) -> None:
    with pytest.raises(CourseError, match="There is no backend 'postgres'"):
        await lease("postgres", 1)  # type: ignore[arg-type]


async def test_where_there_is_no_postgresql_the_lesson_goes_on(own_home, monkeypatch, capsys) -> None:
    own_home()
    monkeypatch.setenv("COURSE_POSTGRES_BIN", "/nowhere")
    assert await fresh_or_say("postgresql", users=1) is None
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.startswith("No PostgreSQL 15 or newer was found")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(BackendUnavailable):
        await fresh_or_say("postgresql", users=1)


async def test_a_url_with_its_password_is_not_shown(home: Path) -> None:
    held = await lease("postgresql", 1)
    password = held.url.split(":")[2].split("@")[0]
    assert password not in repr(held)
    await held.release()
