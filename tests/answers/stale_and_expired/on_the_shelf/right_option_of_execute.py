"""Gives the option to execute, and reads the rows in a loop."""

from sqlalchemy import select

from course_lib.shop import Product


async def renew(session, products):
    if products:
        await session.flush()
        statement = select(Product).where(Product.id.in_([product.id for product in products]))
        options = {"populate_existing": True}
        for _ in await session.execute(statement, execution_options=options):
            pass
