"""Breaks: deadline.

Waits for a second, whatever `seconds` says.
"""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    try:
        async with asyncio.timeout(1) as limit:
            return await ask(product_id)
    except TimeoutError:
        if not limit.expired():
            raise
        return list_price
