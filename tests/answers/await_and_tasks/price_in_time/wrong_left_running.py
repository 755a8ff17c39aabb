"""Breaks: stopped.

Gives up waiting, and the question goes on behind the caller's back.
"""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    question = asyncio.ensure_future(ask(product_id))
    try:
        await asyncio.wait([question], timeout=seconds)
    except asyncio.CancelledError:
        question.cancel()
        raise
    return question.result() if question.done() else list_price
