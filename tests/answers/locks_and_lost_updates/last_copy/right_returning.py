"""One UPDATE on a connection of the session, and the row that it gives back."""

from sqlalchemy import update

from course_lib.shop import Product


async def buy(sessions, product_id):
    taken = (
        update(Product)
        .where(Product.id == product_id)
        .where(Product.stock >= 1)
        .values({Product.stock: Product.stock - 1})
        .returning(Product.stock)
    )
    async with sessions() as session:
        connection = await session.connection()
        left = (await connection.execute(taken)).scalar_one_or_none()
        await session.commit()
    return left is not None
