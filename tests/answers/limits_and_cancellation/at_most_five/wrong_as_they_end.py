"""Breaks: results.

Collects the results as the work ends.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    results = []
    source = iter(items)

    async def worker():
        for item in source:
            async with sessions() as session:
                results.append(await work(session, item))

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
    return results
