"""Breaks: raised.

`with` in place of `async with`.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def book_delivery(engine, delivery):
    with engine.begin() as connection:
        for product_id, cds in delivery.items():
            more = update(Product).where(Product.id == product_id).values(stock=Product.stock + cds)
            result = connection.execute(more)
            if result.rowcount == 0:
                raise LookupError(f"there is no product {product_id}")
    return sum(delivery.values())
