"""Breaks: missing.

Leaves out whom it did not find.
"""

from course_lib.patterns import Repository
from course_lib.shop import User


async def users_for(session, ids):
    return [user for user in await Repository(session, User).get_many(ids) if user is not None]
