"""Breaks: nobody.

Returns early, with nothing in hand.
"""

import asyncio


async def all_prices(ask, suppliers):
    if not suppliers:
        return
    return list(await asyncio.gather(*map(ask, suppliers)))
