"""SQL by hand."""

from sqlalchemy import text

TAKE = text("UPDATE products SET stock = stock - 1 WHERE id = :id AND stock > 0")


class Shelf:
    def __init__(self, sessions):
        self.sessions = sessions

    async def take(self, product_id):
        async with self.sessions.begin() as session:
            return bool((await session.execute(TAKE, {"id": product_id})).rowcount)


async def buy(sessions, product_id):
    return await Shelf(sessions).take(product_id)
