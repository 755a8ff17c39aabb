"""Columns, and an UPDATE at the end."""

from sqlalchemy import update
from sqlalchemy.future import select

from course_lib.shop import Product


class Worker:
    def __init__(self, session):
        self.session = session

    async def next_id(self):
        found = await self.session.scalars(
            select(Product.id).filter_by(stock=0).order_by("id").limit(1).with_for_update(skip_locked=True)
        )
        return found.one_or_none()

    async def store(self, product_id, copies):
        await self.session.execute(update(Product).filter_by(id=product_id).values(stock=copies))
        await self.session.commit()


async def order_one(sessions, supply):
    async with sessions() as session:
        worker = Worker(session)
        if (product_id := await worker.next_id()) is None:
            return None
        await worker.store(product_id, await supply(product_id))
        return product_id
