"""Breaks: raised.

Asks for the results inside the block, whose end is what waits.
"""

import asyncio


async def all_prices(ask, suppliers):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(supplier)) for supplier in suppliers]
        return [task.result() for task in tasks]
