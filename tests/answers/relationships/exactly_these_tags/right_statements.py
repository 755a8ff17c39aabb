"""Written with statements; the list is refreshed in the end."""

from sqlalchemy import delete, literal, select

from course_lib.shop import Tag, user_tags


async def set_tags(session, user, names):
    wanted = set(names)
    there = dict((await session.execute(select(Tag.name, Tag.id))).all())
    new = [Tag(name=name) for name in wanted - there.keys()]
    session.add_all(new)
    await session.flush()
    ids = {there[name] for name in wanted & there.keys()} | {tag.id for tag in new}
    mine = select(user_tags.c.tag_id).where(user_tags.c.user_id == user.id)
    gone = user_tags.c.tag_id.not_in(ids)
    await session.execute(delete(user_tags).where(user_tags.c.user_id == user.id, gone))
    missing = select(literal(user.id), Tag.id).where(Tag.id.in_(ids), Tag.id.not_in(mine))
    await session.execute(user_tags.insert().from_select(["user_id", "tag_id"], missing))
    await session.refresh(user, ["tags"])
