"""Breaks: unknown.

Looks at the rowcount of one UPDATE only.
"""

from sqlalchemy import update

from course_lib.shop import Product


async def swap(sessions, back, out):
    more = update(Product).where(Product.id == back).values(stock=Product.stock + 1)
    less = update(Product).where(Product.id == out, Product.stock > 0).values(stock=Product.stock - 1)
    async with sessions() as session:
        if back < out:
            await session.execute(more)
        taken = (await session.execute(less)).rowcount
        if not taken:
            return False
        if out < back:
            await session.execute(more)
        await session.commit()
        return True
