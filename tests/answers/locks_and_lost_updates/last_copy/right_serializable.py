"""Reads, computes and writes as before, and does all of it again after a lost race."""

from course_lib.patterns import in_transaction
from course_lib.shop import Product


async def buy(sessions, product_id):
    async def work(session):
        product = await session.get(Product, product_id)
        if product is None or not product.stock:
            return False
        product.stock -= 1
        return True

    return await in_transaction(sessions, work, attempts=20, isolation="SERIALIZABLE")
