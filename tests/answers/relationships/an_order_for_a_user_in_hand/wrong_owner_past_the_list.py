"""Breaks: in-list.

The user is put there without telling the list.
"""

from sqlalchemy.orm.attributes import set_committed_value

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user_id=user.id, ordered_on=ordered_on, cds=cds, cents=cents)
    session.add(order)
    await session.flush()
    set_committed_value(order, "user", user)
    return order
