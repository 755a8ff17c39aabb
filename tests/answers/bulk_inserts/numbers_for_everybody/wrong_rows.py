"""Breaks: common/rows-not-objects.

Returns the pairs that came back, and not the ids.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    if not rows:
        return []
    pairs = (await session.execute(insert(User).returning(User.email, User.id), rows)).all()
    id_of = {pair.email: pair for pair in pairs}
    return [id_of[row["email"]] for row in rows]
