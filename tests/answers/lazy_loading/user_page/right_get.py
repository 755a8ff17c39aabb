"""By key, with the options, and what the session holds already is loaded again."""

from sqlalchemy.orm import raiseload, selectinload

from course_lib.shop import Order, User


async def user_page(session, user_id):
    options = [selectinload(User.orders).selectinload(Order.lines), raiseload("*")]
    return await session.get(User, user_id, options=options, populate_existing=True)
