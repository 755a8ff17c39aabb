"""Breaks: together.

An await in a loop, as in the common recipe's dashboard: one after the other.
"""


async def all_prices(ask, suppliers):
    return [await ask(supplier) for supplier in suppliers]
