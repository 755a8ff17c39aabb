"""Breaks: nobody.

A country gets its key when its first user comes.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    found = {}
    statement = select(User).where(User.country.in_(countries)).order_by(User.id)
    for user in await session.scalars(statement):
        found.setdefault(user.country, []).append(user)
    return found
