"""Breaks: given-back.

The session is closed in the last line, and an error never reaches it.
"""

async def order_and_tell(factory, order, tell):
    session = factory()
    session.add(order)
    await session.commit()
    await tell(order.id)
    await session.close()
    return order.id
