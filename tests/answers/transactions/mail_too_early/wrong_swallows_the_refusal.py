"""Breaks: refused.

A refused order looks like an order without an id.
"""

from sqlalchemy.exc import IntegrityError


async def order_and_tell(factory, order, tell):
    try:
        async with factory.begin() as session:
            session.add(order)
    except IntegrityError:
        return None
    await tell(order.id)
    return order.id
