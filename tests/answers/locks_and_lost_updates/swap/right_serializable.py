"""No lock of its own: the session writes in the order of the keys, and a lost race is repeated."""

from course_lib.patterns import in_transaction
from course_lib.shop import Product


async def swap(sessions, back, out):
    async def work(session):
        returned, wanted = await session.get(Product, back), await session.get(Product, out)
        if returned is None or wanted is None or wanted.stock == 0:
            return False
        returned.stock += 1
        wanted.stock -= 1
        return True

    return await in_transaction(sessions, work, isolation="SERIALIZABLE")
