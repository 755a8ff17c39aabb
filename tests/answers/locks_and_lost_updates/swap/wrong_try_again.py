"""Breaks: order.

Takes the rows as they come, and begins anew after a deadlock.
"""

from course_lib.patterns import in_transaction
from course_lib.shop import Product


async def swap(sessions, back, out):
    async def work(session):
        wanted = await session.get(Product, out, with_for_update=True)
        returned = await session.get(Product, back, with_for_update=True)
        if returned is None or wanted is None or wanted.stock == 0:
            return False
        returned.stock += 1
        wanted.stock -= 1
        return True

    return await in_transaction(sessions, work)
