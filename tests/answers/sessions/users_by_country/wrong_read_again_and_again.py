"""Breaks: complete.

The colleague's mistake: the first loop reads the result to its end.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    users = await session.scalars(select(User).where(User.country.in_(countries)).order_by(User.id))
    return {country: [user for user in users if user.country == country] for country in countries}
