"""One union of three queries, put together in Python."""

from sqlalchemy import literal, select, union_all

from course_lib.shop import Order, User, user_tags


async def spent_per_user(session):
    statement = union_all(
        select(User.id, literal(0), literal(0)),
        select(Order.user_id, Order.cents, literal(0)),
        select(user_tags.c.user_id, literal(0), literal(1)),
    )
    totals = {}
    for key, cents, tags in await session.execute(statement):
        before = totals.get(key, (0, 0))
        totals[key] = (before[0] + cents, before[1] + tags)
    return [(key, *totals[key]) for key in sorted(totals)]
