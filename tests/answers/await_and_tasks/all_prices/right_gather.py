"""gather keeps the order."""

import asyncio


async def all_prices(ask, suppliers):
    return list(await asyncio.gather(*(ask(supplier) for supplier in suppliers)))
