"""Commits by hand, and tells while the session is still open."""


async def order_and_tell(factory, order, tell):
    async with factory() as session:
        session.add(order)
        await session.commit()
        await tell(order.id)
        return order.id
