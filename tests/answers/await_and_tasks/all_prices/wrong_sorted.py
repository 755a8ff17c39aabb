"""Breaks: order.

Asks in alphabetical order, and forgets to turn that back.
"""

import asyncio


async def all_prices(ask, suppliers):
    return list(await asyncio.gather(*(ask(supplier) for supplier in sorted(suppliers))))
