"""The pattern from the lesson."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.patterns import with_exactly
from course_lib.shop import Order, User


async def user_page(session, user_id):
    statement = with_exactly(select(User), selectinload(User.orders).selectinload(Order.lines))
    return (await session.scalars(statement.where(User.id == user_id))).one_or_none()
