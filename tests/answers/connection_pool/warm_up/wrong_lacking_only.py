"""Breaks: ready.

Borrows as many as are lacking, and gets those that lie there.
"""

from contextlib import AsyncExitStack


async def warm_up(engine, count):
    async with AsyncExitStack() as stack:
        for _ in range(count - engine.pool.checkedin()):
            await stack.enter_async_context(engine.connect())
