"""Breaks: given-back.

Ends the transaction only when there was something to sell.
"""

from course_lib.shop import Product

OPEN = []


async def buy(sessions, product_id):
    session = sessions()
    OPEN.append(session)
    product = await session.get(Product, product_id, with_for_update=True)
    if product is None or product.stock == 0:
        return False
    product.stock -= 1
    await session.commit()
    return True
