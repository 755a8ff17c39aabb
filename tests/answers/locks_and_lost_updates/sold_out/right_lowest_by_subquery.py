"""The locked row comes out of a subquery."""

from sqlalchemy import select

from course_lib.shop import Product


async def order_one(sessions, supply):
    free = (
        select(Product.id)
        .where(Product.stock < 1)
        .order_by(Product.id.asc())
        .limit(1)
        .with_for_update(skip_locked=True, of=Product)
        .scalar_subquery()
    )
    async with sessions() as session, session.begin():
        product = (await session.scalars(select(Product).where(Product.id == free))).first()
        if product is None:
            return None
        product.stock += await supply(product.id)
    return product.id
