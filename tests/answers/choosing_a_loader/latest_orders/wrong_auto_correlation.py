"""Breaks: raised.

The inner query's orders are taken for those of the join: it has no FROM left.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def latest_orders(session):
    latest = (
        select(Order.id)
        .where(Order.user_id == User.id)
        .order_by(Order.ordered_on.desc(), Order.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = select(User, Order).outerjoin(Order, Order.id == latest).order_by(User.id)
    return [(user, order) for user, order in await session.execute(statement)]
