"""Breaks: one-only.

Takes the first row of a result, and the result has locked them all.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def order_one(sessions, supply):
    free = select(Product).where(Product.stock == 0).order_by(Product.id)
    async with sessions.begin() as session:
        product = (await session.scalars(free.with_for_update(skip_locked=True))).first()
        if product is None:
            return None
        product.stock = await supply(product.id)
        return product.id
