"""Breaks: own.

A session for each worker, which goes from item to item.
"""

import asyncio

async def run_all(sessions, items, work, limit):
    results, numbered = {}, enumerate(items)

    async def worker():
        async with sessions() as session:
            for number, item in numbered:
                results[number] = await work(session, item)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
    return [results[number] for number in sorted(results)]
