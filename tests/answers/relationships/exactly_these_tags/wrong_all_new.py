"""Breaks: reused.

Every name becomes a new tag.
"""

from course_lib.shop import Tag


async def set_tags(session, user, names):
    await user.awaitable_attrs.tags
    user.tags = [Tag(name=name) for name in sorted(set(names))]
    await session.flush()
