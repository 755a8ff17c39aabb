"""SQL in its own words."""

from sqlalchemy import text


async def spent_per_user(session):
    rows = await session.execute(
        text(
            "SELECT u.id, coalesce(o.cents, 0), coalesce(t.tags, 0) FROM users u"
            " LEFT JOIN (SELECT user_id, sum(cents) AS cents FROM orders GROUP BY user_id) o ON o.user_id = u.id"
            " LEFT JOIN (SELECT user_id, count(*) AS tags FROM user_tags GROUP BY user_id) t ON t.user_id = u.id"
            " ORDER BY u.id"
        )
    )
    return rows.all()
