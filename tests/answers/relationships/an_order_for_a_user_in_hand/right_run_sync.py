"""Inside `run_sync`, with the owner."""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    def add(sync_session):
        order = Order(user=user, ordered_on=ordered_on, cds=cds, cents=cents)
        sync_session.add(order)
        sync_session.flush()
        return order

    return await session.run_sync(add)
