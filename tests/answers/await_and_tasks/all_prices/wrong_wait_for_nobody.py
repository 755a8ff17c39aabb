"""Breaks: nobody.

`asyncio.wait` refuses an empty list.
"""

import asyncio


async def all_prices(ask, suppliers):
    tasks = [asyncio.create_task(ask(supplier)) for supplier in suppliers]
    await asyncio.wait(tasks)
    return [task.result() for task in tasks]
