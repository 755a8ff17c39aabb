"""Reads in one session, closes it, and saves the detached object in another."""

from sqlalchemy import select

from course_lib.shop import User


async def rename(factory, email, name):
    async with factory() as session:
        user = (await session.scalars(select(User).where(User.email == email))).first()
    if not user:
        return False
    user.name = name
    async with factory.begin() as session:
        session.add(user)
    return True
