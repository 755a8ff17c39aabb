"""Its own join for the user, one joined collection."""

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from course_lib.shop import Order, User


async def parcels(session, since):
    statement = (
        select(Order)
        .join(Order.user)
        .options(contains_eager(Order.user).selectinload(User.tags), joinedload(Order.lines))
        .where(Order.ordered_on >= since)
        .order_by(Order.id)
    )
    result = await session.execute(statement)
    return list(result.unique().scalars())
