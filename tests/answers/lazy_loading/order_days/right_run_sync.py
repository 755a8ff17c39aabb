"""The touch happens inside run_sync, where it may wait."""

from course_lib.shop import User


async def order_days(session, user_id):
    def days(sync_session):
        user = sync_session.get(User, user_id)
        return None if user is None else sorted(order.ordered_on for order in user.orders)

    return await session.run_sync(days)
