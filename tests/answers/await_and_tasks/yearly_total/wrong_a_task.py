"""Breaks: beating.

A task runs in the same thread: its plain call blocks as well.
"""

import asyncio


async def yearly_total(report, year):
    async def work():
        return report(year)

    return await asyncio.create_task(work())
