"""Loaders that say what they load, and nothing else."""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Select, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import QueryableAttribute, load_only, raiseload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from course_lib.patterns.models import key_attributes

Row = TypeVar("Row", bound=tuple[Any, ...])

BATCH = 500
"""How many parents one IN list names. SQLAlchemy's own ``selectinload`` uses the same size."""


def with_exactly(statement: Select[Row], *loads: ORMOption) -> Select[Row]:
    """Load the relationships that are named; touching any other one raises at once.

    Without it a forgotten relationship fails with ``MissingGreenlet``, far from its cause, and only
    when it happens not to be loaded yet. With it the message names the relationship. Relationships
    that are loaded need their own loads named too: ``selectinload(User.orders).selectinload(Order.lines)``.

    Args:
        statement: a ``select()`` of mapped classes.
        *loads: loader options such as ``selectinload(User.orders)``.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/queryguide/relationships.html
    """
    return statement.options(*loads, raiseload("*"))


async def fill_in(
    session: AsyncSession, objects: Iterable[object], *attributes: QueryableAttribute[Any]
) -> None:
    """Load relationships of objects you already hold, in batches instead of one by one.

    Sends one statement per 500 objects, and one more per 500 for each relationship; none for no objects.
    What is loaded already stays as it is and costs nothing. Pending changes are flushed before, as with
    any query of a session with autoflush.

    Args:
        session: the session that holds the objects.
        objects: mapped objects of one class.
        *attributes: relationships of that class, such as ``User.orders``.

    Raises:
        ValueError: objects of several classes, or an object that this session does not hold.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/queryguide/relationships.html#selectin-eager-loading
    """
    held = list(dict.fromkeys(objects))
    classes = {type(item) for item in held}
    if len(classes) > 1:
        given = ", ".join(sorted(cls.__name__ for cls in classes))
        raise ValueError(f"fill_in loads objects of one class at a time, and was given {given}.")
    for item in held:
        if item not in session:
            raise ValueError(f"{type(item).__name__} object is not in this session: add or load it first.")
    names = {attribute.key for attribute in attributes}
    lacking = [item for item in held if names & inspect(item).unloaded]
    if not lacking:
        return
    (model,) = classes
    key = inspect(model).primary_key
    options = [selectinload(attribute) for attribute in attributes]
    for start in range(0, len(lacking), BATCH):
        batch = lacking[start : start + BATCH]
        identities = [inspect(item).identity for item in batch]
        if len(key) == 1:
            wanted = key[0].in_([identity[0] for identity in identities])
        else:
            wanted = tuple_(*key).in_(identities)
        found = select(model).where(wanted).options(*options, load_only(*key_attributes(model)))
        await session.execute(found)
