"""Breaks: order.

Locks first what comes back, whichever it is.
"""

from course_lib.shop import Product


async def swap(sessions, back, out):
    async with sessions.begin() as session:
        returned = await session.get(Product, back, with_for_update=True)
        wanted = await session.get(Product, out, with_for_update=True)
        if returned is None or wanted is None or wanted.stock == 0:
            return False
        returned.stock += 1
        wanted.stock -= 1
        return True
