"""Breaks: closed.

Opens the sessions and closes none.
"""

import asyncio


async def owners_page(sessions, panels):
    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(panel(sessions())) for name, panel in panels.items()}
    return {name: task.result() for name, task in tasks.items()}
