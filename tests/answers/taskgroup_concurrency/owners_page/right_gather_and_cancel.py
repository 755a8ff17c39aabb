"""`gather`, with every task cancelled and waited for when one fails."""

import asyncio


async def owners_page(sessions, panels):
    async def alone(panel):
        async with sessions() as session:
            return await panel(session)

    tasks = [asyncio.create_task(alone(panel)) for panel in panels.values()]
    try:
        return dict(zip(panels, await asyncio.gather(*tasks), strict=True))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
