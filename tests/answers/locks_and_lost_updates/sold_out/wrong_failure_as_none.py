"""Breaks: failed.

Makes nothing of a failure.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def order_one(sessions, supply):
    free = select(Product).where(Product.stock == 0).order_by(Product.id).limit(1)
    async with sessions.begin() as session:
        product = await session.scalar(free.with_for_update(skip_locked=True))
        if product is None:
            return None
        try:
            product.stock = await supply(product.id)
        except ConnectionError:
            return None
        return product.id
