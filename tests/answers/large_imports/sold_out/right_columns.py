"""Without objects: pages of ids, and one UPDATE for a page.
"""

from sqlalchemy import select, update

from course_lib.shop import Product


async def restock(factory, order):
    last, count = 0, 0
    while True:
        async with factory() as session:
            ids = select(Product.id).where(Product.stock == 0, Product.id > last).order_by(Product.id).limit(40)
            page = list(await session.scalars(ids))
        if not page:
            return count
        try:
            came = []
            for number in page:
                came.append({"id": number, "stock": await order(number)})
        finally:
            if came:
                async with factory.begin() as session:
                    await session.execute(update(Product), came)
        last, count = page[-1], count + len(page)
