"""Breaks: failure.

Puts an exception among the results.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    results = {}
    numbered = enumerate(items)

    async def worker():
        for place, item in numbered:
            async with sessions() as session:
                try:
                    results[place] = await work(session, item)
                except Exception as error:
                    results[place] = error

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
    return [results[place] for place in sorted(results)]
