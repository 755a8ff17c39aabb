"""Streams the users instead of fetching them all first."""

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    found = dict.fromkeys(countries, ())
    statement = select(User).where(User.country.in_(countries)).order_by(User.country, User.id)
    async for user in await session.stream_scalars(statement):
        found[user.country] = [*found[user.country], user]
    return {country: list(users) for country, users in found.items()}
