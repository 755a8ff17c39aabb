"""Counts the ids that come back.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    if not rows:
        return 0
    statement = insert(Product).values(stock=0).returning(Product.id)
    return len((await session.scalars(statement, rows)).all())
