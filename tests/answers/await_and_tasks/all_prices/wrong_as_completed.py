"""Breaks: order.

Collects the prices as they come in.
"""

import asyncio


async def all_prices(ask, suppliers):
    return [await answer for answer in asyncio.as_completed([ask(supplier) for supplier in suppliers])]
