"""Breaks: own-error.

Every error gives the list price.
"""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    try:
        async with asyncio.timeout(seconds):
            return await ask(product_id)
    except Exception:
        return list_price
