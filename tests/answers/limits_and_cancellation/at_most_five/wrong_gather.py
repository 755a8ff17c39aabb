"""Breaks: no-more.

`gather` hands on the error while the other workers go on.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    results = {}
    numbered = enumerate(items)

    async def worker():
        for place, item in numbered:
            async with sessions() as session:
                results[place] = await work(session, item)

    await asyncio.gather(*(worker() for _ in range(limit)))
    return [results[place] for place in sorted(results)]
