"""Tasks made first, awaited after; the failed one ends the waiting."""

import asyncio


async def all_prices(ask, suppliers):
    tasks = [asyncio.create_task(ask(supplier)) for supplier in suppliers]
    return [await task for task in tasks]
