"""Breaks: beating.

The colleague's function: `async def` around a plain call.
"""


async def yearly_total(report, year):
    return report(year)
