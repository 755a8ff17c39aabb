"""Breaks: current.

Reads without a lock. The session writes in the order of the keys, but what it writes is old.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def swap(sessions, back, out):
    both = select(Product).where(Product.id.in_([back, out]))
    async with sessions.begin() as session:
        products = {product.id: product for product in await session.scalars(both)}
        if len(products) < 2 or products[out].stock == 0:
            return False
        products[back].stock += 1
        products[out].stock -= 1
        return True
