"""Breaks: budget.

Sends nothing by itself, and the caller's flush sends one INSERT for each object.
"""

from course_lib.shop import Product


async def add_products(session, rows):
    session.add_all([Product(**row, stock=0) for row in rows])
    return len(rows)
