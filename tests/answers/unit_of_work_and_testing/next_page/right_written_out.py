"""The comparison written out, and a second question for what follows."""

from sqlalchemy import and_, or_, select

from course_lib.shop import Order


def behind(day, number):
    return or_(Order.ordered_on > day, and_(Order.ordered_on == day, Order.id > number))


async def next_page(session, after, size):
    statement = select(Order).order_by(Order.ordered_on.asc(), Order.id.asc()).limit(size)
    if after:
        statement = statement.where(behind(*after))
    page = (await session.execute(statement)).scalars().all()
    if not page:
        return [], None
    here = page[-1].ordered_on, page[-1].id
    following = await session.scalar(select(Order.id).where(behind(*here)).limit(1))
    return page, None if following is None else here
