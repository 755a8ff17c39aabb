"""Breaks: known.

Sends an IN with an empty list when nothing is lacking.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_for(session, ids):
    here = {item.id: item for item in session if isinstance(item, User)}
    lacking = set(ids) - here.keys()
    for user in await session.scalars(select(User).where(User.id.in_(lacking))):
        here[user.id] = user
    return [here.get(number) for number in ids]
