"""Breaks: failed.

Rolls back and closes only where all went well.
"""

from sqlalchemy import select

from course_lib.shop import Product

OPEN = []


async def order_one(sessions, supply):
    free = select(Product).where(Product.stock == 0).order_by(Product.id).limit(1)
    session = sessions()
    OPEN.append(session)
    product = await session.scalar(free.with_for_update(skip_locked=True))
    if product is not None:
        product.stock = await supply(product.id)
    await session.commit()
    await session.close()
    return None if product is None else product.id
