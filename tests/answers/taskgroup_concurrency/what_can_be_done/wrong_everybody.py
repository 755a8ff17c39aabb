"""Breaks: failed.

Has an entry for each item, with None where all went well.
"""

import asyncio


async def save_each(sessions, items, save):
    async def one(item):
        async with sessions.begin() as session:
            await save(session, item)

    results = await asyncio.gather(*(one(item) for item in items), return_exceptions=True)
    return dict(zip(items, results, strict=True))
