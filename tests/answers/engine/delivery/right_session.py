"""A session on the engine, and objects."""

from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.shop import Product


async def book_delivery(engine, delivery):
    async with AsyncSession(engine) as session, session.begin():
        for product_id, cds in delivery.items():
            product = await session.get(Product, product_id)
            if product is None:
                raise LookupError(product_id)
            product.stock += cds
    return sum(delivery.values())
