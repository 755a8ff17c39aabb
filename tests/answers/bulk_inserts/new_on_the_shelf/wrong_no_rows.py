"""Breaks: nothing.

Sends the INSERT with an empty list as well.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    await session.execute(insert(Product), [{**row, "stock": 0} for row in rows])
    return len(rows)
