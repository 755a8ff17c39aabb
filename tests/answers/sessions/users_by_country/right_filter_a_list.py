"""Keeps a list, and reads the list for each country."""

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    statement = select(User).where(User.country.in_(countries)).order_by(User.id)
    users = (await session.scalars(statement)).all()
    return {country: [user for user in users if user.country == country] for country in countries}
