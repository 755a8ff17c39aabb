"""Writes only if the stock is still what was read, and looks again otherwise."""

from sqlalchemy import select, update

from course_lib.shop import Product


async def buy(sessions, product_id):
    while True:
        async with sessions.begin() as session:
            seen = await session.scalar(select(Product.stock).where(Product.id == product_id))
            if not seen:
                return False
            same = (Product.id == product_id, Product.stock == seen)
            change = update(Product).where(*same).values(stock=seen - 1)
            if (await session.execute(change)).rowcount:
                return True
