"""Hands the telling to a unit of work, which runs it after the commit."""

from functools import partial

from course_lib.patterns import unit_of_work


async def order_and_tell(factory, order, tell):
    async with unit_of_work(factory) as work:
        work.session.add(order)
        await work.session.flush()
        work.after_commit(partial(tell, order.id))
    return order.id
