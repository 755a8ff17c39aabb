"""Breaks: common/forgotten-return.

Waits for the report and keeps its result. The year without sales and the failing report pass as they should not.
"""

import asyncio


async def yearly_total(report, year):
    total = await asyncio.to_thread(report, year)
    if total == 0:
        return total
