"""Breaks: raised.

Takes the await away and adds nothing in its place.
"""

from sqlalchemy import select

from course_lib.shop import User


async def tastes(session):
    users = (await session.scalars(select(User))).all()
    return {user.id: sorted(tag.name for tag in user.tags) for user in users}
