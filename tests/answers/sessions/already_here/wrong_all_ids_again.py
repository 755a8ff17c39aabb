"""Breaks: known.

Sends nothing if the session knows them all, and fetches every one of them if it lacks one.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_for(session, ids):
    here = {item.id: item for item in session if isinstance(item, User)}
    if not set(ids) <= here.keys():
        users = await session.scalars(select(User).where(User.id.in_(ids)))
        here = {user.id: user for user in users}
    return [here.get(number) for number in ids]
