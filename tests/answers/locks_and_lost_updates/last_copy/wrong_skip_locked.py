"""Breaks: served.

Passes over the row when somebody else is at it.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def buy(sessions, product_id):
    row = select(Product).where(Product.id == product_id).with_for_update(skip_locked=True)
    async with sessions.begin() as session:
        product = await session.scalar(row)
        if product is None or product.stock == 0:
            return False
        product.stock -= 1
        return True
