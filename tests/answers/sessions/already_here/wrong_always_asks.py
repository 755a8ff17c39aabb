"""Breaks: known.

Sends its query also for users that the session knows.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_for(session, ids):
    users = await session.scalars(select(User).where(User.id.in_(ids)))
    here = {user.id: user for user in users}
    return [here.get(number) for number in ids]
