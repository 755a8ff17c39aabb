"""Takes rows of a country and a user, ordered by country, and sorts them in Python."""

from collections import defaultdict

from sqlalchemy import select

from course_lib.shop import User


async def users_by_country(session, countries):
    groups = defaultdict(list)
    for country, user in await session.execute(select(User.country, User)):
        groups[country].append(user)
    return {country: sorted(groups[country], key=lambda user: user.id) for country in set(countries)}
