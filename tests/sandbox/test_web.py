"""A web server inside an event loop: it starts, serves and ends, on good days and on bad ones."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from course_lib.paths import CourseError
from course_lib.sandbox import serve


def app_with(events: list[str], *, fails: str = "") -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        events.append("up")
        if fails == "up":
            raise LookupError("no database")
        yield
        events.append("down")
        if fails == "down":
            raise LookupError("no farewell")

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def hello() -> str:
        return "hello"

    return app


async def free(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return True
    writer.close()
    return False


async def test_it_serves_on_this_machine_and_ends_with_the_block() -> None:
    events: list[str] = []
    handlers = signal.getsignal(signal.SIGINT)
    async with serve(app_with(events)) as url, httpx.AsyncClient(base_url=url) as client:
        assert url.startswith("http://127.0.0.1:")
        assert (await client.get("/")).json() == "hello"
        assert signal.getsignal(signal.SIGINT) is handlers
    assert events == ["up", "down"]
    assert await free(url)


async def test_two_at_once_and_one_again() -> None:
    app = app_with([])
    async with serve(app) as one, serve(app_with([])) as two:
        assert one != two
    async with serve(app) as url, httpx.AsyncClient() as client:
        assert (await client.get(url)).json() == "hello"


async def test_an_error_in_the_block_ends_the_server() -> None:
    events: list[str] = []
    with pytest.raises(KeyError):
        async with serve(app_with(events)) as url:
            raise KeyError
    assert events == ["up", "down"]
    assert await free(url)


async def test_a_cancelled_block_ends_the_server() -> None:
    events: list[str] = []
    urls: list[str] = []
    inside = asyncio.Event()

    async def cell() -> None:
        async with serve(app_with(events)) as url:
            urls.append(url)
            inside.set()
            await asyncio.sleep(10)

    task = asyncio.create_task(cell())
    await asyncio.wait_for(inside.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["up", "down"]
    assert await free(urls[0])


async def test_an_application_that_does_not_start_says_why() -> None:
    with pytest.raises(CourseError, match="did not start: LookupError: no database"):
        async with serve(app_with([], fails="up")):
            pytest.fail("it must not get here")


async def test_an_application_that_does_not_stop_says_why() -> None:
    with pytest.raises(CourseError, match="did not stop as it should: LookupError: no farewell"):
        async with serve(app_with([], fails="down")):
            pass
