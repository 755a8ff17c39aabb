"""Breaks: raised.

`begin()` gives a block, and is awaited.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def book_delivery(engine, delivery):
    connection = await engine.begin()
    for product_id, cds in delivery.items():
        more = update(Product).where(Product.id == product_id).values(stock=Product.stock + cds)
        await connection.execute(more)
    await connection.commit()
    return sum(delivery.values())
