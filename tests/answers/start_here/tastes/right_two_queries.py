"""No relationship at all: the users, and the pairs, put together by hand."""

from collections import defaultdict

from sqlalchemy import select

from course_lib.shop import Tag, User, user_tags


async def tastes(session):
    names = defaultdict(list)
    for user_id in await session.scalars(select(User.id)):
        names[user_id]
    pairs = select(user_tags.c.user_id, Tag.name).join(Tag, Tag.id == user_tags.c.tag_id)
    for user_id, name in await session.execute(pairs.order_by(Tag.name)):
        names[user_id].append(name)
    return names
