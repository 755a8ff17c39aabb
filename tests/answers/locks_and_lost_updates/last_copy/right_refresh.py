"""Looks first, and again under the lock."""

from course_lib.shop import Product


async def buy(sessions, product_id):
    async with sessions.begin() as session:
        product = await session.get(Product, product_id)
        if product is None:
            return False
        await session.refresh(product, with_for_update=True)
        enough = product.stock > 0
        product.stock -= enough
        return enough
