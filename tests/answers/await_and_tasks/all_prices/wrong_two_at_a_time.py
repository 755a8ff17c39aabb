"""Breaks: together.

A limit that nobody asked for.
"""

import asyncio


async def all_prices(ask, suppliers):
    free = asyncio.Semaphore(2)

    async def one(supplier):
        async with free:
            return await ask(supplier)

    return list(await asyncio.gather(*map(one, suppliers)))
