"""Breaks: alive.

Fetches all of them, and commits in between.
"""

from sqlalchemy import select, update

from course_lib.shop import Product

SOLD_OUT = select(Product).where(Product.stock == 0).order_by(Product.id)



async def restock(factory, order):
    async with factory() as session:
        products = (await session.scalars(SOLD_OUT)).all()
        for count, product in enumerate(products, 1):
            product.stock = await order(product.id)
            if count % 50 == 0:
                await session.commit()
        await session.commit()
    return len(products)
