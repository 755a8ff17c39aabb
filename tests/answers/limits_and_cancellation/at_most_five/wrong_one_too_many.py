"""Breaks: limit.

The function itself works beside its `limit` workers.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    results = {}
    numbered = enumerate(items)

    async def worker():
        for place, item in numbered:
            async with sessions() as session:
                results[place] = await work(session, item)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
        await worker()
    return [results[place] for place in sorted(results)]
