"""Locks the two with `get`, in the order of their ids."""

from course_lib.shop import Product


async def swap(sessions, back, out):
    async with sessions.begin() as session:
        found = {}
        for product_id in (min(back, out), max(back, out)):
            found[product_id] = await session.get(Product, product_id, with_for_update=True)
        if None in found.values() or found[out].stock < 1:
            return False
        found[back].stock, found[out].stock = found[back].stock + 1, found[out].stock - 1
    return True
