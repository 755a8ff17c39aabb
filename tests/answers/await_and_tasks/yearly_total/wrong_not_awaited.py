"""Breaks: common/never-awaited.

Returns what is still to be awaited.
"""

import asyncio


async def yearly_total(report, year):
    return asyncio.to_thread(report, year)
