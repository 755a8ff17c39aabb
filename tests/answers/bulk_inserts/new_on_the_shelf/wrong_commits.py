"""Breaks: open.

Commits what the caller may still want to roll back.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    if rows:
        await session.execute(insert(Product), [{**row, "stock": 0} for row in rows])
        await session.commit()
    return len(rows)
