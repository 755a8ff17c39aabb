"""Breaks: deadline.

Looks at the clock when everything is over.
"""

import time


async def price_in_time(ask, product_id, list_price, seconds):
    began = time.monotonic()
    price = await ask(product_id)
    return price if time.monotonic() - began <= seconds else list_price
