"""Breaks: budget.

get sends nothing for those that are known, and a statement for each of the others.
"""

from course_lib.shop import User


async def users_for(session, ids):
    return [await session.get(User, number) for number in ids]
