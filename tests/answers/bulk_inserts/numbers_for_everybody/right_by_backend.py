"""A promised order where it is cheap, emails elsewhere.
"""

from sqlalchemy import insert

from course_lib.shop import User


async def add_users(session, rows):
    if not rows:
        return []
    if session.bind.dialect.name == "postgresql":
        statement = insert(User).returning(User.id, sort_by_parameter_order=True)
        return list(await session.scalars(statement, rows))
    pairs = await session.execute(insert(User).returning(User.email, User.id), rows)
    id_of = dict(pairs.all())
    return [id_of[row["email"]] for row in rows]
