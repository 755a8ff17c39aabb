"""Breaks: nothing.

Returns nothing at all where there are no rows.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    if not rows:
        return
    await session.execute(insert(Product), [{**row, "stock": 0} for row in rows])
    return len(rows)
