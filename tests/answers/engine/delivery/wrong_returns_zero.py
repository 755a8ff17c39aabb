"""Breaks: unknown.

Returns 0 in place of raising.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def book_delivery(engine, delivery):
    async with engine.connect() as connection:
        for product_id, cds in delivery.items():
            more = update(Product).where(Product.id == product_id).values(stock=Product.stock + cds)
            result = await connection.execute(more)
            if result.rowcount == 0:
                await connection.rollback()
                return 0
        await connection.commit()
        return sum(delivery.values())
