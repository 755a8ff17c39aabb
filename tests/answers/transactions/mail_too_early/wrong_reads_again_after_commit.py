"""Breaks: given-back.

Looks at the order again after the commit, in a session that nobody closes.
"""


async def order_and_tell(factory, order, tell):
    session = factory()
    try:
        session.add(order)
        await session.commit()
    except Exception:
        await session.close()
        raise
    await session.refresh(order)
    await tell(order.id)
    return order.id
