"""Does the same in a plain function, through run_sync."""

from course_lib.shop import Order, OrderLine


async def add_order(session, user_id, ordered_on, lines):
    def work(sync_session):
        order = Order(
            user_id=user_id,
            ordered_on=ordered_on,
            cds=sum(line[1] for line in lines),
            cents=sum(line[2] for line in lines),
            lines=[OrderLine(product_id=p, quantity=q, cents=c) for p, q, c in lines],
        )
        with sync_session.begin_nested():
            sync_session.add(order)
        return order.id

    return await session.run_sync(work)
