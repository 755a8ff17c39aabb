"""Breaks: failure.

`return_exceptions=True` puts the exception on the page.
"""

import asyncio


async def owners_page(sessions, panels):
    async def alone(panel):
        async with sessions() as session:
            return await panel(session)

    results = await asyncio.gather(*map(alone, panels.values()), return_exceptions=True)
    return dict(zip(panels, results, strict=True))
