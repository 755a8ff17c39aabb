"""Breaks: together.

Makes tasks, and awaits each before it makes the next.
"""

import asyncio


async def all_prices(ask, suppliers):
    prices = []
    for supplier in suppliers:
        task = asyncio.create_task(ask(supplier))
        prices.append(await task)
    return prices
