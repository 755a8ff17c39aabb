"""Breaks: unknown.

Asks for exactly one row.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def buy(sessions, product_id):
    async with sessions.begin() as session:
        rows = await session.scalars(select(Product).where(Product.id == product_id).with_for_update())
        product = rows.one()
        if product.stock == 0:
            return False
        product.stock -= 1
        return True
