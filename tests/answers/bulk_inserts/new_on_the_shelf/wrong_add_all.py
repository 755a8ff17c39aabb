"""Breaks: budget.

The common recipe's way: on SQLite one INSERT for each object.
"""

from course_lib.shop import Product


async def add_products(session, rows):
    session.add_all([Product(**row, stock=0) for row in rows])
    await session.flush()
    return len(rows)
