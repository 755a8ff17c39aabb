"""Breaks: stopped.

Cancels the question and returns before it has ended.
"""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    question = asyncio.ensure_future(ask(product_id))
    try:
        await asyncio.wait([question], timeout=seconds)
        return question.result() if question.done() else list_price
    finally:
        question.cancel()
