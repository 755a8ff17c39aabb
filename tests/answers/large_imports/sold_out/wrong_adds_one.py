"""Breaks: shelf.

Puts one more on the shelf than came.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def restock(factory, order):
    last, count = 0, 0
    while True:
        async with factory.begin() as session:
            behind = select(Product).where(Product.stock == 0, Product.id > last).order_by(Product.id)
            page = (await session.scalars(behind.limit(50))).all()
            if not page:
                return count
            for product in page:
                product.stock = await order(product.id) or product.stock + 1
            last, count = page[-1].id, count + len(page)
