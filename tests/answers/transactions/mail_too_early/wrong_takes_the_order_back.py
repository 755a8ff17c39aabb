"""Breaks: tell-fails.

No mail, no order.
"""


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
    try:
        await tell(order.id)
    except Exception:
        async with factory.begin() as session:
            session.add(order)
            for line in list(order.lines):
                await session.delete(line)
            await session.delete(order)
        raise
    return order.id
