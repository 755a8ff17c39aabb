"""Breaks: number.

Returns the length of the last page.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    page = []
    for start in range(0, len(rows), 1000):
        page = [{**row, "stock": 0} for row in rows[start : start + 1000]]
        await session.execute(insert(Product), page)
    return len(page)
