"""Breaks: lowest.

Takes the first that comes.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def order_one(sessions, supply):
    free = select(Product).where(Product.stock == 0).limit(1)
    async with sessions.begin() as session:
        product = await session.scalar(free.with_for_update(skip_locked=True))
        if product is None:
            return None
        product.stock = await supply(product.id)
        return product.id
