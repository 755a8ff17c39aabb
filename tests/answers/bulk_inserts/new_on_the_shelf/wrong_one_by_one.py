"""Breaks: budget.

An INSERT without objects, and still one for each row.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    for row in rows:
        await session.execute(insert(Product), [{**row, "stock": 0}])
    return len(rows)
