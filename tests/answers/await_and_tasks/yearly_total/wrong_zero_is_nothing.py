"""Breaks: result.

Takes 0 for no result.
"""

import asyncio


async def yearly_total(report, year):
    return await asyncio.to_thread(report, year) or None
