"""Breaks: own.

One new session for all panels.
"""

import asyncio


async def owners_page(sessions, panels):
    async with sessions() as session, asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(panel(session)) for name, panel in panels.items()}
    return {name: task.result() for name, task in tasks.items()}
