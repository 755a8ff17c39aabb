"""Breaks: budget.

The colleague's loop: a flush for each row.
"""

from course_lib.shop import Product


async def add_products(session, rows):
    for row in rows:
        session.add(Product(**row, stock=0))
        await session.flush()
    return len(rows)
