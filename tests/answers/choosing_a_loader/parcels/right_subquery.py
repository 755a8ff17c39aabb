"""The third loader, on an ordered query."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, subqueryload

from course_lib.shop import Order, User


async def parcels(session, since):
    statement = (
        select(Order)
        .options(subqueryload(Order.lines), joinedload(Order.user).subqueryload(User.tags))
        .where(Order.ordered_on >= since)
        .order_by(Order.id)
    )
    return list(await session.scalars(statement))
