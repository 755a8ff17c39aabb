"""Breaks: nothing.

A block of `begin()` for each product commits each by itself.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def book_delivery(engine, delivery):
    for product_id, cds in delivery.items():
        async with engine.begin() as connection:
            more = update(Product).where(Product.id == product_id).values(stock=Product.stock + cds)
            result = await connection.execute(more)
            if result.rowcount == 0:
                raise LookupError(f"there is no product {product_id}")
    return sum(delivery.values())
