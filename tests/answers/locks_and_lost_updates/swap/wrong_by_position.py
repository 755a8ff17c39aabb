"""Breaks: which.

Locks in the order of the ids, and takes the first row for what comes back.
"""

from sqlalchemy import select

from course_lib.shop import Product


async def swap(sessions, back, out):
    both = select(Product).where(Product.id.in_([back, out])).order_by(Product.id).with_for_update()
    async with sessions.begin() as session:
        rows = (await session.scalars(both)).all()
        if len(rows) < 2:
            return False
        returned, wanted = rows
        if wanted.stock == 0:
            return False
        returned.stock += 1
        wanted.stock -= 1
        return True
