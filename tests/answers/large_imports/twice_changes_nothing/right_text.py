"""SQL written by hand, the same on both backends.
"""

from sqlalchemy import select, text

from course_lib.shop import User

UPSERT = text(
    "INSERT INTO users (name, email, country) VALUES (:name, :email, :country) "
    "ON CONFLICT (email) DO UPDATE SET name = excluded.name, country = excluded.country"
)


async def upsert_users(session, rows):
    if rows:
        await session.execute(UPSERT, rows)
        emails = list({row["email"] for row in rows})
        await session.scalars(select(User).where(User.email.in_(emails)), execution_options={"populate_existing": True})
