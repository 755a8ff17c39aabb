"""Written as SQL."""

from sqlalchemy import text

LINES = """
DELETE FROM order_lines WHERE order_id NOT IN (
    SELECT orders.id FROM orders JOIN users ON users.id = orders.user_id)
"""
ORDERS = "DELETE FROM orders WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = orders.user_id)"


async def remove_orphans(session):
    lines = await session.execute(text(LINES))
    orders = await session.execute(text(ORDERS))
    return orders.rowcount, lines.rowcount
