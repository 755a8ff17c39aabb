"""Breaks: unknown.

Counts on both being there.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def swap(sessions, back, out):
    both = select(Product).where(Product.id.in_([back, out])).order_by(Product.id).with_for_update()
    async with sessions.begin() as session:
        products = {product.id: product for product in await session.scalars(both)}
        if products[out].stock == 0:
            return False
        products[back].stock += 1
        products[out].stock -= 1
        return True
