"""Asks a supplier once, however often it is named."""

import asyncio


async def all_prices(ask, suppliers):
    async with asyncio.TaskGroup() as group:
        tasks = {supplier: group.create_task(ask(supplier)) for supplier in dict.fromkeys(suppliers)}
    return [tasks[supplier].result() for supplier in suppliers]
