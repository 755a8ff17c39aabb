"""Breaks: tell-fails.

Nobody hears that the mail was not sent.
"""

from contextlib import suppress


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
    with suppress(Exception):
        await tell(order.id)
    return order.id
