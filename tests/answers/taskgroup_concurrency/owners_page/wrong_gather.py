"""Breaks: ended.

`gather` leaves the other panels at work.
"""

import asyncio


async def owners_page(sessions, panels):
    async def alone(panel):
        async with sessions() as session:
            return await panel(session)

    results = await asyncio.gather(*map(alone, panels.values()))
    return dict(zip(panels, results, strict=True))
