"""Breaks: order.

Gives the ids in the order of the emails, and the rows had another.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    if not rows:
        return []
    pairs = (await session.execute(insert(User).returning(User.email, User.id), rows)).all()
    return [number for _, number in sorted(pairs)]
