"""Breaks: stored.

Forgets the last page, which is not full.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    made = [{**row, "stock": 0} for row in rows]
    size = min(500, len(made))
    pages = len(made) // size if size else 0
    for page in range(pages):
        await session.execute(insert(Product), made[page * size : (page + 1) * size])
    return len(rows)
