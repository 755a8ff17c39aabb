"""Breaks: failure.

A supplier who does not answer costs nothing.
"""

import asyncio


async def all_prices(ask, suppliers):
    async def one(supplier):
        try:
            return await ask(supplier)
        except ConnectionError:
            return 0

    return list(await asyncio.gather(*map(one, suppliers)))
