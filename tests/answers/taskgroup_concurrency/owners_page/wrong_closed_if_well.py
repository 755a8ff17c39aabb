"""Breaks: closed.

A panel that fails, or is cancelled, keeps its connection.
"""

import asyncio


async def owners_page(sessions, panels):
    async def alone(panel):
        session = sessions()
        result = await panel(session)
        await session.close()
        return result

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(alone(panel)) for name, panel in panels.items()}
    return {name: task.result() for name, task in tasks.items()}
