"""Breaks: stored.

Knows what waits, and not what is stored.
"""

from course_lib.shop import Tag


async def tags_named(session, names):
    known = {item.name: item for item in session.new if isinstance(item, Tag)}
    for name in names:
        if name not in known:
            known[name] = Tag(name=name)
            session.add(known[name])
    return [known[name] for name in names]
