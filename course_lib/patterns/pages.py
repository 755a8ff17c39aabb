"""Pages that begin behind a row, and not at a number."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, inspect, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, QueryableAttribute
from sqlalchemy.orm.interfaces import ORMOption

from course_lib.patterns.models import key_attributes

T = TypeVar("T", bound=DeclarativeBase)


async def keyset_page(
    session: AsyncSession,
    model: type[T],
    *,
    by: Sequence[QueryableAttribute[Any]] = (),
    size: int,
    after: tuple[Any, ...] | None = None,
    descending: bool = False,
    where: Sequence[ColumnElement[bool]] = (),
    options: Sequence[ORMOption] = (),
) -> tuple[list[T], tuple[Any, ...] | None]:
    """Give one page in a fixed order, and the position to hand in as ``after`` for the next one.

    The order is ``by`` and then the key, so that ties have a place. A page begins behind a position, not
    at a number: rows added or deleted between two pages shift nothing, and a late page costs no more than
    the first where an index has these columns. It takes one SELECT, without counting anything.

    Args:
        session: the session to ask.
        model: a mapped class.
        by: columns of the model to sort by, such as ``[Order.ordered_on]``; none that may be NULL.
        size: most objects on a page.
        after: the position that the page before gave; None for the first page.
        descending: reverses the whole order.
        where: conditions, the same for every page.
        options: loader options, such as ``selectinload(Order.lines)``.

    Returns:
        The objects, and the position of the last one: the values of ``by`` and of the key. The position
        is None where nothing follows.

    Raises:
        ValueError: ``size`` below 1; something else than a column of the model, or one that may be NULL;
            a position of another order.

    Documentation: https://docs.sqlalchemy.org/en/21/core/sqlelement.html#sqlalchemy.sql.expression.tuple_
    """
    if size < 1:
        raise ValueError(f"A page holds at least one object, and {size} were asked for.")
    columns = inspect(model).column_attrs.keys()
    if strange := [str(a) for a in by if a.key not in columns or getattr(model, a.key) is not a]:
        raise ValueError(f"{', '.join(strange)} is no column of {model.__name__}, so it cannot order a page.")
    named = {attribute.key for attribute in by}
    sort = [*by, *(attribute for attribute in key_attributes(model) if attribute.key not in named)]
    if optional := [a.key for a in sort if a.property.columns[0].nullable]:
        raise ValueError(f"{', '.join(optional)} may be NULL, which has no place in an order of pages.")
    position: tuple[Any, ...] = tuple(sort)
    statement = select(model, *position).where(*where).options(*options).limit(size + 1)
    statement = statement.order_by(*(a.desc() if descending else a.asc() for a in sort))
    if after is not None:
        if len(after) != len(sort):
            raise ValueError(f"A position here is ({', '.join(a.key for a in sort)}), not {after!r}.")
        here = tuple_(*sort)
        there = tuple_(*(literal(value, a.type) for value, a in zip(after, sort, strict=True)))
        statement = statement.where(here < there if descending else here > there)
    rows = (await session.execute(statement)).unique().all()
    # The position comes from the row: an object loaded earlier may hold older values.
    following = tuple(rows[size - 1][1:]) if len(rows) > size else None
    return [row[0] for row in rows[:size]], following
