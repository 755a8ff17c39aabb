"""Breaks: results.

Takes a result that counts as false for none.
"""

import asyncio


async def owners_page(sessions, panels):
    async def alone(panel):
        async with sessions() as session:
            return await panel(session)

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(alone(panel)) for name, panel in panels.items()}
    return {name: task.result() for name, task in tasks.items() if task.result()}
