"""Breaks: price.

`or` takes 0 for no price.
"""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    try:
        async with asyncio.timeout(seconds) as limit:
            return await ask(product_id) or list_price
    except TimeoutError:
        if not limit.expired():
            raise
        return list_price
