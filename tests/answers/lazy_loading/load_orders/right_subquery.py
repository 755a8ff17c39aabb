"""Another loader on the same objects."""

from sqlalchemy import select
from sqlalchemy.orm import subqueryload

from course_lib.shop import User


async def load_orders(session, users):
    ids = [user.id for user in users]
    if ids:
        statement = select(User).where(User.id.in_(ids)).options(subqueryload(User.orders))
        (await session.execute(statement)).all()
