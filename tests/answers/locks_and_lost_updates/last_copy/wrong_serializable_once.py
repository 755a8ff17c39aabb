"""Breaks: served.

A strict isolation level, and nobody who tries again.
"""

from course_lib.patterns import in_transaction
from course_lib.shop import Product


async def buy(sessions, product_id):
    async def work(session):
        product = await session.get(Product, product_id)
        if product is None or product.stock == 0:
            return False
        product.stock -= 1
        return True

    return await in_transaction(sessions, work, attempts=1, isolation="SERIALIZABLE")
