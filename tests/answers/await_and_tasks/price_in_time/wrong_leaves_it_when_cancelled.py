"""Breaks: passes-on.

Stops the question at the deadline, and forgets it when the caller cancels.
"""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    question = asyncio.ensure_future(ask(product_id))
    await asyncio.wait([question], timeout=seconds)
    if question.done():
        return question.result()
    question.cancel()
    await asyncio.wait([question])
    return list_price
