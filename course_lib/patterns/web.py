"""FastAPI: one engine for the application, one session for a request, and the commit before the answer.

This module alone needs FastAPI.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any, TypedDict

from fastapi import Depends, FastAPI, Request
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from course_lib.patterns.engine import make_engine
from course_lib.patterns.errors import broken_rule, is_temporary
from course_lib.patterns.session import make_session_factory


class State(TypedDict):
    """What the lifespan hands to every request: ``request.state.sessions``, the session factory."""

    sessions: async_sessionmaker[AsyncSession]


def lifespan(url: str | URL, **options: Any) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    """Give an application its engine: made when it starts, in its event loop, and disposed of when it ends.

    ::

        app = FastAPI(lifespan=lifespan(settings.database_url, pool_size=5, max_overflow=0))

    Each worker process runs its own lifespan, so each has a pool of its own: the database sees
    workers x (pool_size + max_overflow) connections.

    Args:
        url: the database's URL.
        options: what ``make_engine`` takes, such as ``pool_size``.

    Documentation: https://fastapi.tiangolo.com/advanced/events/ and
    https://www.starlette.dev/lifespan/#lifespan-state
    """

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[State]:
        engine = make_engine(url, **options)
        try:
            yield {"sessions": make_session_factory(engine)}
        finally:
            await engine.dispose()

    return run


def get_sessions(connection: HTTPConnection) -> async_sessionmaker[AsyncSession]:
    """Dependency: the application's session factory. Tests override this one, and all else follows.

    ::

        app.dependency_overrides[get_sessions] = lambda: sessions_of_the_test

    Raises:
        AttributeError: the application has no ``lifespan(...)``, or it was not run.

    Documentation: https://fastapi.tiangolo.com/advanced/testing-dependencies/
    """
    sessions: async_sessionmaker[AsyncSession] = connection.state.sessions
    return sessions


Sessions = Annotated[async_sessionmaker[AsyncSession], Depends(get_sessions)]
"""A parameter of this type gets the session factory: for what outlives the request, a background task say."""


async def get_session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """Dependency: one session and one transaction for the request.

    Committed when the endpoint returns, rolled back when it raises (an ``HTTPException`` too). Use it
    through ``RequestSession``, which has the commit take place before the answer is sent.

    Documentation: https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/
    """
    async with sessions.begin() as session:
        yield session


RequestSession = Annotated[AsyncSession, Depends(get_session, scope="function")]
"""A parameter of this type gets the request's session.

``scope="function"`` ends the dependency when the endpoint returns: the commit comes before the answer, and
an error at the commit becomes the answer. By default it would come after, when the client has read "200".

Documentation: https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/#early-exit-and-scope
"""


async def refuse_broken_rule(request: Request, error: Exception) -> Response:
    """Answer a row that the database refused.

    ::

        app.add_exception_handler(IntegrityError, refuse_broken_rule)

    409 for a duplicate, and for a row that cannot be deleted because others point to it; 422 for a row
    that breaks another rule. What the database said stays on the server: it may hold other people's data.

    Raises:
        Exception: the error itself, where it names no rule; the server answers 500 then.

    Documentation: https://fastapi.tiangolo.com/tutorial/handling-errors/#install-custom-exception-handlers
    """
    rule = broken_rule(error) if isinstance(error, IntegrityError) else None
    if rule is None:
        raise error
    if rule == "unique":
        return JSONResponse({"detail": "There is one like this already."}, status_code=409)
    if request.method == "DELETE":
        return JSONResponse({"detail": "It is in use, and cannot be deleted."}, status_code=409)
    return JSONResponse({"detail": f"The database refused this: it breaks a {rule} rule."}, status_code=422)


async def refuse_for_now(request: Request, error: Exception) -> Response:
    """Answer 503 where the database cannot serve now: connection lost, pool empty, limit in time, lost race.

    ::

        app.add_exception_handler(SQLAlchemyError, refuse_for_now)
        app.add_exception_handler(ConnectionError, refuse_for_now)  # the server cannot be reached

    ``Retry-After`` asks the client to come again. It may then do twice what was done once already: if the
    connection was lost at the commit, nobody knows whether it took place.

    Raises:
        Exception: the error itself, where trying again would not help; the server answers 500 then.

    Documentation: https://fastapi.tiangolo.com/tutorial/handling-errors/#install-custom-exception-handlers
    """
    if not is_temporary(error):
        raise error
    return JSONResponse({"detail": "Not now. Try again."}, status_code=503, headers={"Retry-After": "1"})


async def health(sessions: Sessions) -> Response:
    """Endpoint: 200 if a connection comes from the pool and answers within two seconds, else 503.

    ::

        app.add_api_route("/health", health)

    The answer tells what the pool says of itself, and for a failure the kind of error: for those who run the
    service, so keep the address inside.

    Documentation: https://docs.sqlalchemy.org/en/21/core/pooling.html#sqlalchemy.pool.Pool.status
    """
    told, status = "ok", 200
    try:
        async with asyncio.timeout(2), sessions() as session:
            await session.execute(select(1))
    except (SQLAlchemyError, OSError) as error:  # Python's TimeoutError is an OSError
        told, status = type(error).__name__, 503
    return JSONResponse({"database": told, "pool": sessions.kw["bind"].pool.status()}, status_code=status)
