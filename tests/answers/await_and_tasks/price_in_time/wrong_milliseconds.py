"""Breaks: deadline.

Takes the seconds for milliseconds.
"""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    try:
        async with asyncio.timeout(seconds / 1000) as limit:
            return await ask(product_id)
    except TimeoutError:
        if not limit.expired():
            raise
        return list_price
