"""One statement with two joins, and the guard."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, raiseload

from course_lib.shop import Order, User


async def user_page(session, user_id):
    statement = select(User).options(joinedload(User.orders).joinedload(Order.lines), raiseload("*"))
    result = await session.execute(statement.where(User.id == user_id))
    return result.unique().scalar_one_or_none()
