"""Breaks: error.

A failed report becomes a year without sales.
"""

import asyncio


async def yearly_total(report, year):
    try:
        return await asyncio.to_thread(report, year)
    except Exception:
        return 0
