"""Breaks: deadline.

Waits as long as it takes.
"""


async def price_in_time(ask, product_id, list_price, seconds):
    return await ask(product_id)
