"""Breaks: budget.

Has the order promised, which SQLite pays with a statement for each row.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    if not rows:
        return []
    statement = insert(User).returning(User.id, sort_by_parameter_order=True)
    return list(await session.scalars(statement, rows))
