"""Breaks: common/task-not-result.

The tasks have ended; their results stay inside them.
"""

import asyncio


async def all_prices(ask, suppliers):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(supplier)) for supplier in suppliers]
    return tasks
