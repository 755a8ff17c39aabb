"""SQL written by hand, with the values of a whole chunk.
"""

from sqlalchemy import text

from course_lib.patterns import in_chunks
from course_lib.shop import User


async def load_users(session, rows):
    count = 0
    async for chunk in in_chunks(rows, 1000):
        columns = {"name": [], "email": [], "country": []}
        for row in chunk:
            for name in columns:
                columns[name].append(row[name])
        marks = ", ".join(f"(:name{n}, :email{n}, :country{n})" for n in range(len(chunk)))
        values = {f"{name}{n}": value for name, column in columns.items() for n, value in enumerate(column)}
        await session.execute(text(f"INSERT INTO users (name, email, country) VALUES {marks}"), values)
        count += len(chunk)
    return count
