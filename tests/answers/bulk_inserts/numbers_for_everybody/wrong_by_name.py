"""Breaks: ids.

Matches by the name, which several people share.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    if not rows:
        return []
    pairs = await session.execute(insert(User).returning(User.name, User.id), rows)
    id_of = {name: number for name, number in pairs}
    return [id_of[row["name"]] for row in rows]
