"""Breaks: budget.

The colleague's helper: one refresh after the other.
"""


async def load_orders(session, users):
    for user in users:
        await session.refresh(user, ["orders"])
