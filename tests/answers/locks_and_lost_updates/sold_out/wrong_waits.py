"""Breaks: free.

Locks, and waits for the row if somebody has it.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def order_one(sessions, supply):
    free = select(Product).where(Product.stock == 0).order_by(Product.id).limit(1)
    async with sessions.begin() as session:
        product = await session.scalar(free.with_for_update())
        if product is None:
            return None
        product.stock = await supply(product.id)
        return product.id
