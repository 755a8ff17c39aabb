"""Breaks: budget.

One statement for each product.
"""


async def renew(session, products):
    if products:
        await session.flush()
    for product in products:
        await session.refresh(product)
