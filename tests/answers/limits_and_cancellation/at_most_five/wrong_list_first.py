"""Breaks: taken.

Makes a list of the source before it begins.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    items = list(items)
    results = [None] * len(items)
    numbered = iter(enumerate(items))

    async def worker():
        for place, item in numbered:
            async with sessions() as session:
                results[place] = await work(session, item)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
    return results
