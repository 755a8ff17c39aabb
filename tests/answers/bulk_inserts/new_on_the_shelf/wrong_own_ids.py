"""Breaks: ids.

Counts on from the highest id, which the database's own counter does not notice.
"""

from sqlalchemy import func, select

from course_lib.shop import Product


async def add_products(session, rows):
    last = await session.scalar(select(func.max(Product.id))) or 0
    session.add_all([Product(id=last + n, **row, stock=0) for n, row in enumerate(rows, 1)])
    await session.flush()
    return len(rows)
