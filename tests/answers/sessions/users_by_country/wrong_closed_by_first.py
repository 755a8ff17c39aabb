"""Breaks: common/consumed-twice.

Looks with first() whether there is anybody, which closes the result.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    found = {country: [] for country in countries}
    users = await session.scalars(select(User).where(User.country.in_(countries)).order_by(User.id))
    if users.first() is None:
        return found
    for user in users:
        found[user.country].append(user)
    return found
