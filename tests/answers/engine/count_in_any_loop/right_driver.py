"""asyncpg alone."""

import asyncpg
from sqlalchemy.engine import make_url


async def count_orders(url):
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        return await connection.fetchval("SELECT count(*) FROM orders")
    finally:
        await connection.close()
