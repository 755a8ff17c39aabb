"""Lists what is sold out, and looks at the stock again where it locks."""

from sqlalchemy import select

from course_lib.shop import Product


async def order_one(sessions, supply):
    sold_out = select(Product.id).where(Product.stock == 0).order_by(Product.id)
    async with sessions.begin() as session:
        for product_id in (await session.scalars(sold_out)).all():
            still = select(Product).where(Product.id == product_id, Product.stock == 0)
            product = await session.scalar(still.with_for_update(skip_locked=True))
            if product is not None:
                product.stock = await supply(product_id)
                return product_id
        return None
