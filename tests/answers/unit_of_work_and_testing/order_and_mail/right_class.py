"""A use case as an object, with a step for each half."""

import asyncio
from datetime import date

from course_lib.shop import Order, OrderLine


class PlaceOrder:
    def __init__(self, factory):
        self.factory = factory

    async def store(self, user_id, product_id, cents):
        order = Order(user_id=user_id, ordered_on=date(1998, 7, 1), cds=1, cents=cents)
        async with self.factory.begin() as session:
            session.add(order)
            await session.flush()
            session.add(OrderLine(order_id=order.id, product_id=product_id, quantity=1, cents=cents))
            return_value = order.id
        return return_value


async def order_and_mail(factory, user_id, product_id, cents, mail):
    number = await PlaceOrder(factory).store(user_id, product_id, cents)
    async with asyncio.TaskGroup() as group:
        group.create_task(mail(number))
    return number
