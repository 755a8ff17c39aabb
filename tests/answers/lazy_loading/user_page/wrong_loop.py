"""Breaks: budget.

Fetches the lines of each order by themselves.
"""

from sqlalchemy import select
from sqlalchemy.orm import raiseload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from course_lib.shop import OrderLine, User


async def user_page(session, user_id):
    statement = select(User).options(selectinload(User.orders), raiseload("*")).where(User.id == user_id)
    user = (await session.scalars(statement)).one_or_none()
    for order in user.orders if user else ():
        lines = select(OrderLine).where(OrderLine.order_id == order.id).options(raiseload("*"))
        set_committed_value(order, "lines", list(await session.scalars(lines)))
    return user
