"""Breaks: known.

Fetches every user of the shop if one is lacking.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_for(session, ids):
    here = {item.id: item for item in session if isinstance(item, User)}
    if not set(ids) <= here.keys():
        here = {user.id: user for user in await session.scalars(select(User))}
    return [here.get(number) for number in ids]
