"""Breaks: once.

Tries again when it fails, and runs the whole report a second time.
"""

import asyncio


async def yearly_total(report, year):
    try:
        return await asyncio.to_thread(report, year)
    except LookupError:
        return await asyncio.to_thread(report, year)
