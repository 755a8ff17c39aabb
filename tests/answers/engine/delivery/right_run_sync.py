"""One plain function, run on a connection that is closed by hand."""

from sqlalchemy import update

from course_lib.shop import Product


async def book_delivery(engine, delivery):
    def book(connection):
        for product_id, cds in delivery.items():
            found = connection.execute(
                update(Product)
                .where(Product.id == product_id)
                .values(stock=Product.stock + cds)
                .returning(Product.id)
            ).scalar_one_or_none()
            if found is None:
                raise KeyError(product_id)

    connection = await engine.connect()
    try:
        await connection.run_sync(book)
        await connection.commit()
    finally:
        await connection.close()
    return sum(delivery.values())
