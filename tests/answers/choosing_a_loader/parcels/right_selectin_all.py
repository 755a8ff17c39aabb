"""Every relationship in a statement of its own."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import Order, User


async def parcels(session, since):
    statement = (
        select(Order)
        .options(selectinload(Order.lines), selectinload(Order.user).selectinload(User.tags))
        .where(Order.ordered_on >= since)
        .order_by(Order.id)
    )
    return (await session.scalars(statement)).all()
