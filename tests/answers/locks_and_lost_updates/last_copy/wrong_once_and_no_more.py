"""Breaks: served.

Writes only if the stock is still what was read, and gives up otherwise.
"""

from sqlalchemy import select, update

from course_lib.shop import Product


async def buy(sessions, product_id):
    async with sessions.begin() as session:
        seen = await session.scalar(select(Product.stock).where(Product.id == product_id))
        if not seen:
            return False
        same = (Product.id == product_id, Product.stock == seen)
        result = await session.execute(update(Product).where(*same).values(stock=seen - 1))
        return result.rowcount == 1
