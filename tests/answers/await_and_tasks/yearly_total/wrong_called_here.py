"""Breaks: beating.

`to_thread(lambda: total)` with the total worked out before: the report ran in the loop.
"""

import asyncio


async def yearly_total(report, year):
    total = None
    try:
        total = report(year)
    finally:
        await asyncio.to_thread(lambda: total)
    return total
