"""Breaks: order.

A lock FOR SHARE on both: others may hold one too, and the UPDATE of the first row waits for them.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def swap(sessions, back, out):
    both = select(Product).where(Product.id.in_([back, out])).order_by(Product.id).with_for_update(read=True)
    async with sessions.begin() as session:
        products = {product.id: product for product in await session.scalars(both)}
        if len(products) < 2 or products[out].stock == 0:
            return False
        products[back].stock += 1
        products[out].stock -= 1
        return True
