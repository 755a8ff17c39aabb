"""Breaks: none-left.

Asks for the first page again and again, and what did not come is in it.
"""

from sqlalchemy import select, update

from course_lib.shop import Product

SOLD_OUT = select(Product).where(Product.stock == 0).order_by(Product.id)



async def restock(factory, order):
    count = 0
    while True:
        async with factory.begin() as session:
            page = (await session.scalars(SOLD_OUT.limit(50))).all()
            if not page:
                return count
            for product in page:
                product.stock = await order(product.id)
            count += len(page)
