"""Breaks: fresh.

Reads the one column that the task speaks of.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def renew(session, products):
    if not products:
        return
    await session.flush()
    ids = [product.id for product in products]
    rows = await session.execute(select(Product.id, Product.stock).where(Product.id.in_(ids)))
    stock = dict(rows.tuples().all())
    for product in products:
        product.stock = stock[product.id]
