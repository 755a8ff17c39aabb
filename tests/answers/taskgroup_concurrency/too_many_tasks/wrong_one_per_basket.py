"""Breaks: one.

One statement for each basket.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def basket_totals(sessions, baskets):
    totals = []
    async with sessions() as session:
        for basket in baskets:
            query = select(Product.id, Product.cents).where(Product.id.in_(basket))
            prices = dict((await session.execute(query)).all())
            known = prices.keys() == basket.keys()
            totals.append(sum(prices[each] * basket[each] for each in basket) if known else None)
    return totals
