"""Breaks: race.

Locks the row, and goes on with what the session had read before.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def buy(sessions, product_id):
    async with sessions.begin() as session:
        product = await session.get(Product, product_id)
        if product is None:
            return False
        await session.scalar(select(Product).where(Product.id == product_id).with_for_update())
        if product.stock == 0:
            return False
        product.stock -= 1
        return True
