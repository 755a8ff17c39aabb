"""Breaks: many.

Cuts the list at the limit of the driver and forgets the rest, taken from its end.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_for(session, ids):
    if not ids:
        return []
    last = ids[-32_000:]
    found = {user.id: user for user in await session.scalars(select(User).where(User.id.in_(last)))}
    return [found.get(number) for number in ids]
