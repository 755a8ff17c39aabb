"""SQL by hand."""

from sqlalchemy import text

FREE = text("SELECT id FROM products WHERE stock = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
STORE = text("UPDATE products SET stock = :copies WHERE id = :id")


async def order_one(sessions, supply):
    async with sessions.begin() as session:
        product_id = (await session.execute(FREE)).scalar()
        if product_id is not None:
            await session.execute(STORE, {"copies": await supply(product_id), "id": product_id})
    return product_id
