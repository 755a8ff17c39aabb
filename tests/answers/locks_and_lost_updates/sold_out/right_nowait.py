"""Tries one after the other, and goes on where it would have to wait."""

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from course_lib.shop import Product


async def _locked(session, product_id):
    row = select(Product).where(Product.id == product_id, Product.stock == 0)
    try:
        async with session.begin_nested():
            return await session.scalar(row.with_for_update(nowait=True))
    except DBAPIError as error:
        if error.orig.sqlstate != "55P03":
            raise
        return None


async def order_one(sessions, supply):
    async with sessions.begin() as session:
        empty = select(Product.id).where(Product.stock == 0).order_by(Product.id)
        for product_id in (await session.scalars(empty)).all():
            product = await _locked(session, product_id)
            if product is not None:
                product.stock = await supply(product_id)
                return product_id
    return None
