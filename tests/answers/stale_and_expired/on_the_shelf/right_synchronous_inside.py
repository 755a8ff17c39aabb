"""The same through run_sync."""


from course_lib.shop import Product


async def renew(session, products):
    def work(sync_session):
        if products:
            sync_session.flush()
            ids = [product.id for product in products]
            query = sync_session.query(Product).populate_existing()
            query.filter(Product.id.in_(ids)).all()

    await session.run_sync(work)
