"""Trials on the recipe's FastAPI dependency and route: a real server, and a real client beside it."""

# FastAPI reads the annotations of endpoints made inside a function: no `from __future__ import annotations`.
import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.lens import connections
from course_lib.sandbox import Sandbox, serve
from course_lib.shop import Tag, User
from course_lib.trials.trial import Finding, Trial, finding


def _dependency(db: Sandbox, rolled_back: list[str]) -> Callable[[], AsyncGenerator[AsyncSession]]:
    async def get_db() -> AsyncGenerator[AsyncSession]:
        async with db.sessions() as session:
            try:
                yield session
                await session.commit()
            except Exception as error:
                rolled_back.append(type(error).__name__)
                await session.rollback()
                raise

    return get_db


async def _tags(db: Sandbox, name: str) -> int:
    async with db.sessions() as session:
        return (await session.scalar(select(func.count()).where(Tag.name == name))) or 0


async def commit_before_success(db: Sandbox) -> Finding:
    get_db = _dependency(db, [])
    app = FastAPI()

    @app.post("/default/{times}")
    async def by_default(times: int, session: Annotated[AsyncSession, Depends(get_db)]) -> None:
        session.add_all([Tag(name="same") for _ in range(times)])

    @app.post("/function/{times}")
    async def by_function(
        times: int, session: Annotated[AsyncSession, Depends(get_db, scope="function")]
    ) -> None:
        session.add_all([Tag(name="same") for _ in range(times)])

    # The server closes a connection whose commit failed after the answer: each request gets one of its own.
    alone = {"Connection": "close"}
    async with serve(app) as url, httpx.AsyncClient(base_url=url, headers=alone) as client:
        default = (await client.post("/default/2")).status_code
        function = (await client.post("/function/2")).status_code
        stored = await _tags(db, "same")
        works = (await client.post("/default/1")).status_code
    return finding(
        works == 200 and default >= 400,
        f'a commit that works: {works}; one that fails: {default}, with scope="function" {function}; '
        f"{stored} rows stored",
    )


async def rolls_back_on_errors(db: Sandbox) -> Finding:
    rolled_back: list[str] = []
    get_db = _dependency(db, rolled_back)
    app = FastAPI()
    inside = asyncio.Event()

    @app.post("/refused")
    async def refused(session: Annotated[AsyncSession, Depends(get_db)]) -> None:
        session.add(Tag(name="refused"))
        await session.flush()
        raise HTTPException(418)

    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        status = (await client.post("/refused")).status_code
    refused_rows = await _tags(db, "refused")

    async def request() -> None:
        dependency = get_db()
        session = await anext(dependency)
        try:
            session.add(Tag(name="cancelled"))
            await session.flush()
            inside.set()
            await asyncio.sleep(10)
        except BaseException as error:
            await dependency.athrow(error)

    before = len(rolled_back)
    with connections(db.engine) as pool:
        task = asyncio.create_task(request())
        await asyncio.wait_for(inside.wait(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    skipped = len(rolled_back) == before
    rows = await _tags(db, "cancelled")
    return finding(
        (status, refused_rows, rolled_back[:1]) == (418, 0, ["HTTPException"]),
        f"HTTPException: rolled back; cancellation: {rows} rows, {pool.out} connections kept",
        {"a cancellation is no `Exception`: what rolls back then is the end of `async with`": skipped},
    )


class _Plain(BaseModel):
    id: int
    name: str


class _FromAttributes(_Plain):
    model_config = ConfigDict(from_attributes=True)


async def validates_objects(db: Sandbox) -> Finding:
    async with db.sessions() as session:
        user = (await session.scalars(select(User).order_by(User.id).limit(1))).one()
    with_attributes = _FromAttributes.model_validate(user).name == user.name
    try:
        _Plain.model_validate(user)
        refused = False
    except ValidationError:
        refused = True
    return finding(
        with_attributes,
        "an object becomes a response where the model reads attributes",
        {"without `from_attributes=True` it is refused": refused},
    )


async def missing_is_404(db: Sandbox) -> Finding:
    get_db = _dependency(db, [])
    app = FastAPI()

    @app.get("/users/{user_id}")
    async def get_user(
        user_id: int,
        session: Annotated[AsyncSession, Depends(get_db)],
    ) -> _FromAttributes:
        user = (await session.execute(select(User).where(User.id == user_id))).scalar_one_or_none()
        if not user:
            raise HTTPException(404, "User not found")
        return _FromAttributes.model_validate(user)

    async with db.engine.connect() as connection:
        key = await connection.scalar(text("SELECT min(id) FROM users"))
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        known = (await client.get(f"/users/{key}")).status_code
        unknown = (await client.get("/users/-1")).status_code
    return finding((known, unknown) == (200, 404), f"a known user: {known}; an unknown one: {unknown}")


TRIALS = (
    Trial(
        "dependency-commits-in-time",
        "A dependency that commits after its `yield` has committed when the client reads success.",
        ("function get_db",),
        "fastapi/2",
        commit_before_success,
        exercise="fastapi/receipt",
        pattern="web.RequestSession",
    ),
    Trial(
        "dependency-rolls-back",
        "Its `except Exception` rolls back whatever goes wrong.",
        ("function get_db",),
        "fastapi/2",
        rolls_back_on_errors,
        exercise="fastapi/receipt",
        pattern="web.get_session",
    ),
    Trial(
        "route-validates-objects",
        "A route turns an object into its response with `model_validate`.",
        ("function get_user",),
        "fastapi/4",
        validates_objects,
        exercise="fastapi/users-page",
        pattern="web.RequestSession",
    ),
    Trial(
        "unknown-user-is-404",
        "`scalar_one_or_none()` and an `HTTPException` answer an unknown user with 404.",
        ("function get_user",),
        "fastapi/3",
        missing_is_404,
        exercise="fastapi/users-page",
        pattern="web.RequestSession",
    ),
)
