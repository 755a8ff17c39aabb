"""Breaks: unknown.

`scalar_one` raises NoResultFound, which is no LookupError.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def book_delivery(engine, delivery):
    async with engine.begin() as connection:
        for product_id, cds in delivery.items():
            more = update(Product).where(Product.id == product_id).values(stock=Product.stock + cds)
            (await connection.execute(more.returning(Product.id))).scalar_one()
    return sum(delivery.values())
