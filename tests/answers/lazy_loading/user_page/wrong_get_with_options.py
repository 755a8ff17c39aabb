"""Breaks: held.

Counts on get() to heed its options, which it does only when it asks the database.
"""

from sqlalchemy.orm import raiseload, selectinload

from course_lib.shop import Order, User


async def user_page(session, user_id):
    options = [selectinload(User.orders).selectinload(Order.lines), raiseload("*")]
    return await session.get(User, user_id, options=options)
