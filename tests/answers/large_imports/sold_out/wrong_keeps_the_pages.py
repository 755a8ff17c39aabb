"""Breaks: alive.

Reads page by page, and keeps every page to count them.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def restock(factory, order):
    seen, last = [], 0
    while True:
        async with factory.begin() as session:
            behind = select(Product).where(Product.stock == 0, Product.id > last).order_by(Product.id)
            page = (await session.scalars(behind.limit(50))).all()
            if not page:
                return len(seen)
            for product in page:
                product.stock = await order(product.id)
            seen += page
            last = page[-1].id
