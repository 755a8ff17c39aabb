"""Locks with SQL by hand, then one UPDATE for both."""

from sqlalchemy import text

LOCK = text("SELECT id, stock FROM products WHERE id IN (:back, :out) ORDER BY id FOR UPDATE")
CHANGE = text(
    "UPDATE products SET stock = stock + CASE WHEN id = :back THEN 1 ELSE -1 END WHERE id IN (:back, :out)"
)


async def swap(sessions, back, out):
    ids = {"back": back, "out": out}
    async with sessions.begin() as session:
        held = dict((await session.execute(LOCK, ids)).all())
        possible = back in held and held.get(out, 0) > 0
        if possible:
            await session.execute(CHANGE, ids)
    return possible
