"""A real web server for the length of a block: uvicorn, on this machine only, on a port that is free."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from typing import Any

from course_lib.paths import CourseError


@asynccontextmanager
async def serve(app: Any, *, patience: float = 5) -> AsyncIterator[str]:
    """Serve an ASGI application while the block runs, in this event loop, and give its address.

    ::

        async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
            answer = await client.get("/users/1")

    The application's lifespan runs as in production: before the block begins and after it has ended.
    However the block is left, the server is stopped and its port is free again.

    Args:
        app: a FastAPI or any other ASGI application.
        patience: seconds that requests still under way get to end when the block is left.

    Raises:
        CourseError: the application did not start, or not stop; the message says what its lifespan raised.

    Documentation: https://www.uvicorn.org/
    """
    import uvicorn  # not above: most lessons start no server

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            """Leave the signals to the notebook: its interrupt must stop the cell, not this server."""
            yield

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        failed: list[BaseException] = []
        config = uvicorn.Config(
            _telling(app, failed),
            lifespan="on",
            log_config=None,
            log_level="critical",
            timeout_graceful_shutdown=int(patience) or 1,
        )
        server = Server(config)
        serving = asyncio.create_task(_run(server, listener), name="uvicorn")
        try:
            while not (server.started or serving.done()):  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.005)
            if serving.done():
                raise _not("start", failed, "Its lifespan runs before the first request is taken")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            stopping = asyncio.gather(serving, return_exceptions=True)
            try:
                await asyncio.shield(stopping)
            except asyncio.CancelledError:
                await stopping  # the port and the application's connections first, then the cancellation
                raise
        if failed:
            raise _not("stop as it should", failed, "Its lifespan ends after the last request")


def _not(what: str, failed: list[BaseException], when: str) -> CourseError:
    why = f"{type(failed[0]).__name__}: {failed[0]}" if failed else "uvicorn gave up"
    return CourseError(
        f"The application did not {what}: {why}. {when}; mend what it raised, and run this again."
    )


async def _run(server: Any, listener: socket.socket) -> None:
    # uvicorn leaves with SystemExit when an application does not start; in a notebook that ends the kernel.
    with contextlib.suppress(SystemExit):
        await server.serve(sockets=[listener])


def _telling(app: Any, failed: list[BaseException]) -> Any:
    """Wrap an application so that what its start raises is kept: uvicorn only logs it."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except BaseException as error:
            if scope["type"] == "lifespan":
                failed.append(error)
            raise

    return wrapped
