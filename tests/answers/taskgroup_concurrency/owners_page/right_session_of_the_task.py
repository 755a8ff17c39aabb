"""A registry that knows one session per task, and its `remove` awaited in each."""

import asyncio

from sqlalchemy.ext.asyncio import async_scoped_session


async def owners_page(sessions, panels):
    registry = async_scoped_session(sessions, scopefunc=asyncio.current_task)
    page = dict.fromkeys(panels)

    async def fill(name, panel):
        try:
            page[name] = await panel(registry())
        finally:
            await registry.remove()

    async with asyncio.TaskGroup() as group:
        for name, panel in panels.items():
            group.create_task(fill(name, panel))
    return page
