"""Breaks: committed.

A page of a hundred is committed as one.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def restock(factory, order):
    last, count = 0, 0
    while True:
        async with factory.begin() as session:
            page = (
                await session.scalars(
                    select(Product)
                    .where(Product.stock == 0, Product.id > last)
                    .order_by(Product.id)
                    .limit(100)
                )
            ).all()
            if not page:
                return count
            for product in page:
                product.stock = await order(product.id)
                count += 1
            last = page[-1].id
