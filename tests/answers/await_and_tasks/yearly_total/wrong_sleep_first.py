"""Breaks: beating.

An await before the call gives the loop one turn, and then none.
"""

import asyncio


async def yearly_total(report, year):
    await asyncio.sleep(0)
    return report(year)
