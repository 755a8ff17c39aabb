"""Breaks: committed.

The colleague's function: a commit in the middle of a stream.
"""

from sqlalchemy import select, update

from course_lib.shop import Product

SOLD_OUT = select(Product).where(Product.stock == 0).order_by(Product.id)



async def restock(factory, order):
    count = 0
    async with factory() as session:
        async for product in await session.stream_scalars(SOLD_OUT.execution_options(yield_per=50)):
            product.stock = await order(product.id)
            count += 1
            if count % 50 == 0:
                await session.commit()
        await session.commit()
    return count
