"""Breaks: budget.

Fetches the ids first, and then each order by itself.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def order_days(session, user_id):
    if await session.get(User, user_id) is None:
        return None
    ids = (await session.scalars(select(Order.id).where(Order.user_id == user_id))).all()
    return sorted([(await session.get(Order, order_id)).ordered_on for order_id in ids])
