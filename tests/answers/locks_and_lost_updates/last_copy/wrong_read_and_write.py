"""Breaks: race.

Reads in a transaction and writes what was computed from it.
"""

from course_lib.shop import Product


async def buy(sessions, product_id):
    async with sessions.begin() as session:
        product = await session.get(Product, product_id)
        if product is None or product.stock == 0:
            return False
        product.stock -= 1
        return True
