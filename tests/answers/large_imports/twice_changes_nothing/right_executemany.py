"""One short statement, which takes repeats; then what is held is read anew.
"""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from course_lib.shop import User


def upsert(session):
    dialect = {"postgresql": postgresql, "sqlite": sqlite}[session.bind.dialect.name]
    statement = dialect.insert(User)
    changes = {"name": statement.excluded.name, "country": statement.excluded.country}
    return statement.on_conflict_do_update(index_elements=["email"], set_=changes)


async def renew(session, rows):
    emails = [row["email"] for row in rows]
    for start in range(0, len(emails), 500):
        some = select(User).where(User.email.in_(emails[start : start + 500]))
        await session.scalars(some.execution_options(populate_existing=True))



async def upsert_users(session, rows):
    if rows:
        await session.execute(upsert(session), rows)
        await renew(session, rows)
