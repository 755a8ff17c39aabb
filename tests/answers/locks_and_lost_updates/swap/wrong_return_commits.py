"""Breaks: nothing.

Leaves the block with `return` when one of the two has been changed.
"""

from course_lib.shop import Product


async def swap(sessions, back, out):
    async with sessions.begin() as session:
        found = {}
        for product_id in sorted([back, out]):
            found[product_id] = await session.get(Product, product_id, with_for_update=True)
        if None in found.values():
            return False
        found[back].stock += 1
        if found[out].stock == 0:
            return False
        found[out].stock -= 1
        return True
