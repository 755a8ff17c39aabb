"""Rolls back and closes by hand, on every way out."""


async def order_and_tell(factory, order, tell):
    session = factory()
    try:
        session.add(order)
        await session.flush()
        order_id = order.id
        await session.commit()
    except Exception:
        await session.rollback()
        raise
    finally:
        await session.close()
    await tell(order_id)
    return order_id
