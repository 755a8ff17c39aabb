"""Breaks: own.

The colleague's cure: the shared session has its connection before the tasks begin.
"""

import asyncio


async def owners_page(sessions, panels):
    async with sessions() as session:
        await session.connection()
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(panel(session)) for name, panel in panels.items()}
        return {name: task.result() for name, task in tasks.items()}
