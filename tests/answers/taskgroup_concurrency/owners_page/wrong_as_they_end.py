"""Breaks: order.

Fills the dictionary as the panels end.
"""

import asyncio


async def owners_page(sessions, panels):
    page = {}

    async def alone(name, panel):
        async with sessions() as session:
            page[name] = await panel(session)

    async with asyncio.TaskGroup() as group:
        for name, panel in panels.items():
            group.create_task(alone(name, panel))
    return page
