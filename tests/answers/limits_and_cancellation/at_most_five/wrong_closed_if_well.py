"""Breaks: given-back.

Closes a session when its work went well.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    results = {}
    numbered = enumerate(items)

    async def worker():
        for place, item in numbered:
            session = sessions()
            results[place] = await work(session, item)
            await session.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
    return [results[place] for place in sorted(results)]
