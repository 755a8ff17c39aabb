"""Breaks: objects.

Forgets scalars(): the lists hold Rows with one User in each.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    found = {country: [] for country in countries}
    statement = select(User).where(User.country.in_(countries)).order_by(User.id)
    for row in await session.execute(statement):
        found[row.User.country].append(row)
    return found
