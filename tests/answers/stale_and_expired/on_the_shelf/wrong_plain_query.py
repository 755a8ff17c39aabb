"""Breaks: fresh.

A query for objects that are here already leaves them as they are.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def renew(session, products):
    if products:
        await session.flush()
        statement = select(Product).where(Product.id.in_([product.id for product in products]))
        (await session.scalars(statement)).all()
