"""Breaks: unknown.

Asks only for orders, so nobody and nothing look the same.
"""

from sqlalchemy import select

from course_lib.shop import Order


async def order_days(session, user_id):
    statement = select(Order.ordered_on).where(Order.user_id == user_id).order_by(Order.ordered_on)
    return list(await session.scalars(statement))
