"""The savepoint flushes."""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user=user, ordered_on=ordered_on, cds=cds, cents=cents)
    async with session.begin_nested():
        session.add(order)
    return order
