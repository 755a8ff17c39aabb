"""Breaks: stored.

Takes equal rows for one product.
"""

from sqlalchemy import insert

from course_lib.shop import Product



async def add_products(session, rows):
    made = {(row["title"], row["artist"], row["cents"]): {**row, "stock": 0} for row in rows}
    if made:
        await session.execute(insert(Product), list(made.values()))
    return len(rows)
