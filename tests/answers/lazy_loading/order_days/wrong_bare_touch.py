"""Breaks: raised.

The colleague's mistake, left as it was: a bare touch of an unloaded relationship.
"""

from course_lib.shop import User


async def order_days(session, user_id):
    user = await session.get(User, user_id)
    if user is None:
        return None
    return sorted(order.ordered_on for order in user.orders)
