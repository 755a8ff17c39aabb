"""Breaks: objects.

Loads everything with joins and adds up in Python.
"""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from course_lib.shop import User


async def spent_per_user(session):
    statement = select(User).options(joinedload(User.orders), joinedload(User.tags)).order_by(User.id)
    users = (await session.scalars(statement)).unique()
    return [(user.id, sum(order.cents for order in user.orders), len(user.tags)) for user in users]
