"""Breaks: none-left.

An UPDATE without a condition on the stock.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def buy(sessions, product_id):
    async with sessions.begin() as session:
        less = update(Product).where(Product.id == product_id).values(stock=Product.stock - 1)
        return (await session.execute(less)).rowcount == 1
