"""Breaks: common/never-awaited.

A list of coroutines, none of which has begun.
"""


async def all_prices(ask, suppliers):
    return [ask(supplier) for supplier in suppliers]
