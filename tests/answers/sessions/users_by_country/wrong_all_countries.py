"""Breaks: complete.

Groups every user of the shop, also those nobody asked for.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    found = {country: [] for country in countries}
    for user in await session.scalars(select(User).order_by(User.id)):
        found.setdefault(user.country, []).append(user)
    return found
