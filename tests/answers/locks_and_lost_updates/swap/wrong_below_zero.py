"""Breaks: nothing.

Does not look whether a copy is left.
"""

from course_lib.shop import Product


async def swap(sessions, back, out):
    async with sessions.begin() as session:
        for product_id, copies in sorted([(back, 1), (out, -1)]):
            product = await session.get(Product, product_id, with_for_update=True)
            if product is None:
                await session.rollback()
                return False
            product.stock += copies
        return True
