"""When the transaction of a request is committed, seen by a real client of a real server; both backends."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.patterns.web import (
    RequestSession,
    Sessions,
    get_session,
    get_sessions,
    health,
    lifespan,
    refuse_broken_rule,
    refuse_for_now,
)
from course_lib.sandbox import Sandbox, open_sandbox, serve
from course_lib.shop import Tag

NOTE = "CREATE TABLE notes (tag_id INT REFERENCES tags (id) DEFERRABLE INITIALLY DEFERRED)"
LateSession = Annotated[AsyncSession, Depends(get_session)]
"""What ``RequestSession`` would be without its scope."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with open_sandbox(request.param, users=1) as sandbox:
        async with sandbox.engine.begin() as connection:
            await connection.execute(text(NOTE))
        yield sandbox


async def tags(db: Sandbox, name: str) -> int:
    async with db.sessions() as session:
        return (await session.scalar(select(func.count()).where(Tag.name == name))) or 0


def app_on(db: Sandbox) -> tuple[FastAPI, list[object]]:
    app = FastAPI(lifespan=lifespan(db.url, pool_size=1, max_overflow=0))
    app.add_exception_handler(IntegrityError, refuse_broken_rule)
    seen: list[object] = []

    @app.post("/early")
    async def early(session: RequestSession, tasks: BackgroundTasks, sessions: Sessions) -> None:
        session.add(Tag(name="early"))

        async def look() -> None:
            async with sessions() as own:
                seen.append(await own.scalar(select(func.count()).where(Tag.name == "early")))

        tasks.add_task(look)

    @app.post("/deferred")
    async def deferred(session: RequestSession) -> None:
        await session.execute(text("INSERT INTO notes VALUES (99999)"))

    @app.post("/late-deferred")
    async def late_deferred(session: LateSession) -> None:
        await session.execute(text("INSERT INTO notes VALUES (99999)"))

    @app.post("/refused")
    async def refused(session: RequestSession) -> None:
        session.add(Tag(name="refused"))
        await session.flush()
        raise HTTPException(418)

    @app.post("/odd")
    async def odd(session: RequestSession) -> None:
        raise IntegrityError("INSERT", {}, ValueError("a driver unknown here"))

    return app, seen


async def test_the_commit_comes_before_the_answer_and_the_task_after(db: Sandbox) -> None:
    app, seen = app_on(db)
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.post("/early")).status_code == 200
        assert await tags(db, "early") == 1
    assert seen == [1]


async def test_an_error_at_the_commit_is_the_answer(db: Sandbox) -> None:
    app, _ = app_on(db)
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/deferred")
        assert (answer.status_code, answer.json()["detail"]) == (
            422,
            "The database refused this: it breaks a foreign key rule.",
        )
        # What the scope is for: without it the client reads success, and nothing is stored.
        assert (await client.post("/late-deferred")).status_code == 200
    async with db.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM notes")) == 0


async def test_a_refusal_rolls_back_and_an_unknown_one_is_500(db: Sandbox) -> None:
    app, _ = app_on(db)
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.post("/refused")).status_code == 418
        assert (await client.post("/odd")).status_code == 500
        assert (await client.post("/early")).status_code == 200  # the one connection is back each time
    assert await tags(db, "refused") == 0


async def test_the_engine_ends_with_the_application(db: Sandbox) -> None:
    opened: list[object] = []
    app, _ = app_on(db)

    @app.get("/engine")
    async def engine(sessions: Sessions) -> None:
        pool = sessions.kw["bind"].sync_engine
        event.listen(pool, "close", lambda *_: opened.remove(1))
        event.listen(pool, "connect", lambda *_: opened.append(1))
        async with sessions() as session:
            await session.execute(text("SELECT 1"))

    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/engine")).status_code == 200
        assert opened == [1]
    assert opened == []


async def test_tests_bring_their_own_sessions(db: Sandbox) -> None:
    app = app_on(db)[0]
    app.dependency_overrides[get_sessions] = lambda: db.sessions
    transport = httpx.ASGITransport(app)  # no lifespan is run here, so no engine of the application's own
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        assert (await client.post("/early")).status_code == 200
    assert await tags(db, "early") == 1


async def test_what_may_pass_is_503_and_a_bug_is_500(db: Sandbox) -> None:
    app = FastAPI(lifespan=lifespan(db.url, pool_size=1, max_overflow=0, pool_timeout=0.1))
    app.add_exception_handler(SQLAlchemyError, refuse_for_now)
    app.add_api_route("/health", health)

    @app.get("/full")
    async def full(session: RequestSession, sessions: Sessions) -> None:
        await session.execute(text("SELECT 1"))
        async with sessions() as other:
            await other.execute(text("SELECT 1"))

    @app.get("/sick")
    async def sick(session: RequestSession, sessions: Sessions) -> object:
        await session.execute(text("SELECT 1"))
        return (await health(sessions)).status_code

    @app.get("/bug")
    async def bug(session: RequestSession) -> None:
        await session.execute(text("SELECT * FROM nowhere"))

    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        refused = await client.get("/full")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert (await client.get("/bug")).status_code == 500
        assert (await client.get("/sick")).json() == 503
        well = await client.get("/health")
        assert (well.status_code, well.json()["database"]) == (200, "ok")
        assert "Checked out connections: 0" in well.json()["pool"]


async def test_an_unreachable_server_is_sick_and_no_secret_is_told() -> None:
    app = FastAPI(lifespan=lifespan("postgresql+asyncpg://anna:secret@127.0.0.1:1/shop"))
    app.add_api_route("/health", health)
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/health")
    assert (answer.status_code, answer.json()["database"]) == (503, "ConnectionRefusedError")
    assert "secret" not in answer.text
