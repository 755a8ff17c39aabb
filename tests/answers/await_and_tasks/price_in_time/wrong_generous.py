"""Breaks: deadline.

Waits for at least five seconds.
"""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    try:
        async with asyncio.timeout(max(5, seconds)) as limit:
            return await ask(product_id)
    except TimeoutError:
        if not limit.expired():
            raise
        return list_price
