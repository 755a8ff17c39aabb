"""Breaks: nobody-told.

Tells on every way out.
"""


async def order_and_tell(factory, order, tell):
    try:
        async with factory.begin() as session:
            session.add(order)
    finally:
        await tell(order.id)
    return order.id
