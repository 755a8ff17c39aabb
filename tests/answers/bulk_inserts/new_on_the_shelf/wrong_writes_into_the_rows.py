"""Breaks: kept.

Adds the stock to the caller's own dicts.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    for row in rows:
        row["stock"] = 0
    if rows:
        await session.execute(insert(Product), rows)
    return len(rows)
