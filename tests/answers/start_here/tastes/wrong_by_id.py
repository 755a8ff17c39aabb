"""Breaks: alphabetical.

Takes the tags as they come.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import User


async def tastes(session):
    users = (await session.scalars(select(User).options(selectinload(User.tags)))).all()
    return {user.id: [tag.name for tag in user.tags] for user in users}
