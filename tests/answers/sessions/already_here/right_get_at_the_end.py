"""Asks for the lacking ones, keeps them, and then lets get find everybody in the identity map."""

from sqlalchemy import inspect, select

from course_lib.shop import User


async def users_for(session, ids):
    known = {inspect(item).identity[0] for item in session if type(item) is User}
    lacking = [number for number in set(ids) if number not in known]
    if not lacking:
        return [await session.get(User, number) for number in ids]
    new = (await session.scalars(select(User).where(User.id.in_(lacking)))).all()
    there = known | {user.id for user in new}
    return [await session.get(User, number) if number in there else None for number in ids]
