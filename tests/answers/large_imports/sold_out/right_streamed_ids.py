"""Streams the ids to their end, and then works in pages.
"""

from itertools import islice

from sqlalchemy import select

from course_lib.shop import Product


async def restock(factory, order):
    async with factory() as session:
        ids = [n async for n in await session.stream_scalars(select(Product.id).where(Product.stock == 0))]
    rest, count = iter(sorted(ids)), 0
    while page := list(islice(rest, 50)):
        async with factory() as session:
            found = await session.scalars(select(Product).where(Product.id.in_(page)).order_by(Product.id))
            for product in found.all():
                product.stock = await order(product.id)
                count += 1
            await session.commit()
    return count
