"""Breaks: none.

Asks for exactly one row.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def order_one(sessions, supply):
    free = select(Product).where(Product.stock == 0).order_by(Product.id).limit(1)
    async with sessions.begin() as session:
        product = (await session.scalars(free.with_for_update(skip_locked=True))).one()
        product.stock = await supply(product.id)
        return product.id
