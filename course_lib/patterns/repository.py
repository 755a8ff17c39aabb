"""A generic, typed repository that refuses what would otherwise go wrong without a word."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, delete, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapper, QueryableAttribute
from sqlalchemy.orm.interfaces import ORMOption

from course_lib.patterns.cascades import follow_delete
from course_lib.patterns.models import key_attributes
from course_lib.patterns.pages import keyset_page

T = TypeVar("T", bound=DeclarativeBase)

PARAMETERS = 10_000
"""How many values one IN list carries. PostgreSQL's protocol ends at 32,767 parameters a statement."""


class Repository(Generic[T]):
    """The same few operations for any mapped class, in a session that you open, commit and close.

    ``create``, ``update`` and ``delete`` send their SQL at once, each in a savepoint: what the database
    refuses raises there, and the session and all earlier work stay usable. A key is one value, or a
    tuple in the order of the key's columns where it is composite.

    ``Repository(session, User)`` is enough; a subclass adds queries of its own. Where the queries are the
    interesting part, a function that takes a session does as well: a repository is an option, not a duty.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/session_basics.html
    """

    def __init__(self, session: AsyncSession, model: type[T]) -> None:
        self.session = session
        self.model = model
        self._mapper: Mapper[T] = inspect(model)
        self._key = key_attributes(model)

    async def get(self, key: Any) -> T | None:
        """Give the object with this key, or None; no SQL if the session holds it already.

        Documentation: https://docs.sqlalchemy.org/en/21/orm/session_api.html#sqlalchemy.orm.Session.get
        """
        return await self.session.get(self.model, key)

    async def get_many(self, keys: Iterable[Any], *, options: Sequence[ORMOption] = ()) -> list[T | None]:
        """Give one entry for each key, in their order: the object, or None where there is none.

        A key given twice gives the same object twice. No keys send no SQL; any number of keys is asked
        for in batches, one SELECT per 10,000 values.

        Args:
            keys: single values, or tuples for a composite key.
            options: loader options, such as ``selectinload(User.orders)``.

        Raises:
            TypeError: a key is not of its column's type ("7" for 7), though the database takes it.
            sqlalchemy.exc.StatementError: the driver does not take a key.

        Documentation: https://docs.sqlalchemy.org/en/21/core/sqlelement.html#sqlalchemy.sql.expression.ColumnElement.in_
        """
        width = len(self._key)
        wanted = [tuple(key) if width > 1 else (key,) for key in keys]
        distinct = list(dict.fromkeys(wanted))
        found: dict[tuple[Any, ...], T] = {}
        size = PARAMETERS // width
        for start in range(0, len(distinct), size):
            batch = distinct[start : start + size]
            among = (
                tuple_(*self._key).in_(batch) if width > 1 else self._key[0].in_([key[0] for key in batch])
            )
            for item in await self.session.scalars(select(self.model).where(among).options(*options)):
                found[inspect(item).identity or ()] = item
        if strange := found.keys() - set(distinct):
            raise TypeError(
                f"The database has a {self.model.__name__} for a key that equals none of those given: "
                f"{next(iter(strange))!r}. Give keys of the column's Python type."
            )
        return [found.get(key) for key in wanted]

    async def create(self, **values: Any) -> T:
        """Insert a new object and give it, with its key. If it is refused, all earlier work stays.

        Raises:
            TypeError: a name that the model does not have.
            sqlalchemy.exc.IntegrityError: the database refuses it. The session goes on working. If an object
                was given as a relationship (``user=`` for ``user_id=``), its collections need loading anew.

        Documentation: https://docs.sqlalchemy.org/en/21/orm/session_transaction.html#using-savepoint
        """
        try:
            async with self.session.begin_nested():
                item = self.model(**values)
                self.session.add(item)
        except Exception:
            await self._complete(*values.values())
            raise
        return item

    async def update(self, item: T, **values: Any) -> T:
        """Set columns of an object and send the UPDATE. Names are checked before anything changes.

        Afterwards every column can be read, also those that the database computed. If the database
        refuses, the object is as it was before the call.

        Raises:
            AttributeError: a name that is no column, a relationship, or part of the key.
            ValueError: the object is not in this session, so the change would be lost without a word.
            sqlalchemy.exc.IntegrityError: the database refuses the values.

        Documentation: https://docs.sqlalchemy.org/en/21/orm/session_transaction.html#using-savepoint
        """
        self._own(item)
        columns = {a.key for a in self._mapper.column_attrs if isinstance(a.columns[0], Column)}
        allowed = columns - {attribute.key for attribute in self._key}
        if refused := sorted(values.keys() - allowed):
            raise AttributeError(
                f"{self.model.__name__} has no column to update named {', '.join(refused)}; nothing was "
                f"changed. It has: {', '.join(sorted(allowed))}."
            )
        try:
            async with self.session.begin_nested():
                for name, value in values.items():
                    setattr(item, name, value)
        except Exception:
            await self._complete(item)
            raise
        await self._complete(item)
        return item

    async def delete(self, item: T) -> None:
        """Delete an object's row; its foreign keys decide what goes along, and not the loaded objects.

        One DELETE, whatever refers to the row. ``ON DELETE CASCADE`` takes such rows along, ``SET NULL``
        lets them stand, anything else refuses. Objects of this session follow their rows. A collection
        that holds the deleted object keeps it until it is refreshed.

        Raises:
            ValueError: the object is not in this session.
            sqlalchemy.exc.IntegrityError: a row refers to it and no rule says what to do. Nothing is lost.

        Documentation: https://docs.sqlalchemy.org/en/21/orm/cascades.html#using-foreign-key-on-delete-cascade-with-orm-relationships
        """
        self._own(item)
        async with self.session.begin_nested():
            if len(inspect(item).mapper.tables) > 1:  # joined inheritance: rows in several tables
                await self.session.delete(item)
            else:
                identity = zip(self._key, inspect(item).identity or (), strict=True)
                this_one = [column == value for column, value in identity]
                await self.session.execute(delete(self.model).where(*this_one))
        follow_delete(self.session, item)

    async def page(
        self,
        *,
        by: Sequence[QueryableAttribute[Any]] = (),
        size: int,
        after: tuple[Any, ...] | None = None,
        descending: bool = False,
        where: Sequence[ColumnElement[bool]] = (),
        options: Sequence[ORMOption] = (),
    ) -> tuple[list[T], tuple[Any, ...] | None]:
        """Give one page by ``by`` and the key, and the position for the next: see ``keyset_page``.

        Documentation: https://docs.sqlalchemy.org/en/21/core/sqlelement.html#sqlalchemy.sql.expression.tuple_
        """
        return await keyset_page(
            self.session,
            self.model,
            by=by,
            size=size,
            after=after,
            descending=descending,
            where=where,
            options=options,
        )

    def _own(self, item: T) -> None:
        if item not in self.session:
            raise ValueError(
                f"This {self.model.__name__} is not in the repository's session, so nothing would be sent. "
                "Get it from this repository, or session.add() it first."
            )

    async def _complete(self, *items: Any) -> None:
        # What the database computed, or a rollback undid, is expired: a late load fails under asyncio.
        for item in items:
            if isinstance(item, DeclarativeBase) and self.session.is_active and item in self.session:
                names = set(inspect(item).mapper.column_attrs.keys())
                if expired := inspect(item).expired_attributes & names:
                    await self.session.refresh(item, expired)
