"""Breaks: readable.

Counts on loading the orders later, when the session is gone.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_with_orders(session, country):
    return list(await session.scalars(select(User).where(User.country == country).order_by(User.id)))
