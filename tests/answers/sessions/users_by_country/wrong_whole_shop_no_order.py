"""Breaks: order.

Reads the whole table, which comes by id as long as nobody changes a row.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    found = {country: [] for country in countries}
    for user in await session.scalars(select(User)):
        if user.country in found:
            found[user.country].append(user)
    return found
