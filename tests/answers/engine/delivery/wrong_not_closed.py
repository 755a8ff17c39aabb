"""Breaks: given-back.

Commits, and leaves the connection to the garbage collector.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def book_delivery(engine, delivery):
    connection = await engine.connect()
    for product_id, cds in delivery.items():
        more = update(Product).where(Product.id == product_id).values(stock=Product.stock + cds)
        result = await connection.execute(more)
        if result.rowcount == 0:
            await connection.rollback()
            await connection.close()
            raise LookupError(f"there is no product {product_id}")
    await connection.commit()
    return sum(delivery.values())
