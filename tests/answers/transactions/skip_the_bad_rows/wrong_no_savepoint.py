"""Breaks: goes-on.

The colleague's: PostgreSQL gives up the transaction.
"""

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def add_users(session, rows):
    refused = []
    for place, row in enumerate(rows):
        try:
            await session.execute(insert(User).values(**row))
        except IntegrityError:
            refused.append(place)
    return refused
