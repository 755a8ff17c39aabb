"""Breaks: members.

An outer join keeps users without such an order.
"""

from sqlalchemy import and_, select

from course_lib.shop import Order, User


async def big_orders(session, cents):
    join = and_(Order.user_id == User.id, Order.cents >= cents)
    statement = select(User, Order).outerjoin(Order, join).order_by(User.id, Order.id)
    found = {}
    for user, order in await session.execute(statement):
        found.setdefault(user, []).extend([order] if order else [])
    return list(found.items())
