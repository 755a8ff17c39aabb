"""With the pattern from the lesson."""

from sqlalchemy import exc, select

from course_lib.patterns import Repository
from course_lib.shop import Tag


class Tags(Repository[Tag]):
    async def named(self, name):
        return await self.session.scalar(select(Tag).where(Tag.name == name))

    async def find_or_make(self, name):
        if (tag := await self.named(name)) is None:
            try:
                tag = await self.create(name=name)
            except exc.IntegrityError:
                tag = await self.named(name)
        return tag


async def tag_named(session, name):
    return await Tags(session, Tag).find_or_make(name)
