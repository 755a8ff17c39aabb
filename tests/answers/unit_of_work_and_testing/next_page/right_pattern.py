"""The pattern from the lesson."""

from course_lib.patterns import keyset_page
from course_lib.shop import Order


async def next_page(session, after, size):
    return await keyset_page(session, Order, by=[Order.ordered_on], after=after, size=size)
