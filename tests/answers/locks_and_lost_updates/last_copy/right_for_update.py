"""Locks the row, looks, and then decides."""

from course_lib.shop import Product


async def buy(sessions, product_id):
    async with sessions.begin() as session:
        product = await session.get(Product, product_id, with_for_update=True)
        if product is None or product.stock < 1:
            return False
        product.stock -= 1
    return True
