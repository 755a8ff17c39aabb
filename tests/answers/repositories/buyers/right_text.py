"""SQL by hand, read as users."""

from sqlalchemy import select, text

from course_lib.shop import User

QUESTION = text(
    "SELECT * FROM users u WHERE EXISTS (SELECT 1 FROM order_lines l JOIN orders o ON o.id = l.order_id "
    "WHERE o.user_id = u.id AND l.product_id = :product) ORDER BY u.id"
)


async def buyers(session, product_id):
    rows = await session.execute(select(User).from_statement(QUESTION), {"product": product_id})
    return [user for (user,) in rows]
