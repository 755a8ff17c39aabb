"""Breaks: raised.

The report runs in the loop, and its total is called in the thread.
"""

import asyncio


async def yearly_total(report, year):
    return await asyncio.to_thread(report(year))
