"""Breaks: connections.

One stack for all sessions: they are closed together, at the very end.
"""

import asyncio
from contextlib import AsyncExitStack


async def run_all(sessions, items, work, limit):
    results = {}
    numbered = enumerate(items)

    async with AsyncExitStack() as stack:

        async def worker():
            for place, item in numbered:
                session = await stack.enter_async_context(sessions())
                results[place] = await work(session, item)

        async with asyncio.TaskGroup() as group:
            for _ in range(limit):
                group.create_task(worker())
    return [results[place] for place in sorted(results)]
