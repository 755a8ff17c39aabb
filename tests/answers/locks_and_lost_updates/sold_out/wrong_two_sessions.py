"""Breaks: once.

Looks in one session and writes in another.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def order_one(sessions, supply):
    free = select(Product.id).where(Product.stock == 0).order_by(Product.id).limit(1)
    async with sessions() as session:
        product_id = await session.scalar(free.with_for_update(skip_locked=True))
    if product_id is None:
        return None
    copies = await supply(product_id)
    async with sessions.begin() as session:
        (await session.get(Product, product_id)).stock = copies
    return product_id
