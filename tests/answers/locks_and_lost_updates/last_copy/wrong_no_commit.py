"""Breaks: sold.

Closes the session without a commit.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def buy(sessions, product_id):
    enough = (Product.id == product_id, Product.stock > 0)
    async with sessions() as session:
        result = await session.execute(update(Product).where(*enough).values(stock=Product.stock - 1))
        return result.rowcount == 1
