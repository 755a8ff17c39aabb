"""The older form, with the loop's own pool of threads."""

import asyncio


async def yearly_total(report, year):
    return await asyncio.get_running_loop().run_in_executor(None, report, year)
