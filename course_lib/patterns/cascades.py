"""Cascades that the session and the database agree on."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Relationship,
    RelationshipDirection,
    RelationshipProperty,
    mapped_column,
    relationship,
)
from sqlalchemy.orm.attributes import set_committed_value


def owner_key(column: str, **options: Any) -> Mapped[Any]:
    """A foreign key to the owner of this row: when the owner's row goes, the database takes this one along.

    ``user_id: Mapped[int] = owner_key("users.id")``. Indexed, since neither database indexes foreign keys
    by itself and every delete of an owner looks for its rows.

    Args:
        column: the owner's key, such as "users.id".
        **options: handed to ``mapped_column``; ``index=False`` where another index begins with the column.

    Documentation: https://docs.sqlalchemy.org/en/21/core/constraints.html#on-update-and-on-delete
    """
    return mapped_column(ForeignKey(column, ondelete="CASCADE"), **{"index": True, **options})


def owned(**options: Any) -> Relationship[Any]:
    """The owner's side of ``owner_key``: a collection whose objects live and die with their owner.

    ``orders: Mapped[list["Order"]] = owned(back_populates="user")``. Deleting the owner sends one DELETE:
    objects of an unloaded collection are left to the database, which must enforce its foreign keys
    (on SQLite: ``make_engine``). Taking an object out of the collection deletes it.

    Args:
        **options: handed to ``relationship``.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/cascades.html#using-foreign-key-on-delete-cascade-with-orm-relationships
    """
    return relationship(**{"cascade": "all, delete-orphan", "passive_deletes": True, **options})


def cascade_gaps(base: type[DeclarativeBase]) -> list[str]:
    """Name the relationships where ``session.delete()`` and the database's DELETE do different things.

    One line of a test keeps it so: ``assert cascade_gaps(Base) == []``. Looked at are one-to-many
    relationships of all models of this base; nothing is sent to a database.

    Returns:
        A sentence for each gap, sorted; an empty list where both agree.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/cascades.html
    """
    return sorted(
        sentence
        for mapper in base.registry.mappers
        for link in mapper.relationships
        if link.direction is RelationshipDirection.ONETOMANY and not link.viewonly and link.parent is mapper
        for sentence in _gaps(link)
    )


def _gaps(link: RelationshipProperty[Any]) -> Iterator[str]:
    for rule in _rules(link):
        database = (rule.ondelete or "").upper()
        if link.cascade.delete:
            session = "CASCADE"
        elif link.passive_deletes == "all":
            session = database  # the session leaves everything to the database
        else:
            session = "SET NULL"
        if session == database:
            continue
        required = not all(element.parent.nullable for element in rule.elements)
        if session == "SET NULL" and not database and required:
            continue  # either way the row cannot be deleted
        does = {"CASCADE": "deletes the objects", "SET NULL": "sets their foreign key to NULL"}[session]
        says = f"ON DELETE {database}" if database else "no ON DELETE, so it refuses"
        yield f"{link}: the session {does}, and the database has {says}."


def _rules(link: RelationshipProperty[Any]) -> list[ForeignKeyConstraint]:
    columns = {remote for _, remote in link.local_remote_pairs or ()}
    rules = {key.constraint for column in columns for key in column.foreign_keys if key.constraint}
    parents = set(link.parent.tables)
    return [rule for rule in rules if rule.referred_table in parents]


def follow_delete(session: AsyncSession, item: object) -> None:
    """Let a session's loaded objects follow their rows, once the database has deleted ``item``.

    What ``ON DELETE CASCADE`` took along leaves the session; where it says ``SET NULL`` the attribute
    becomes None. Only foreign keys are read, of objects loaded already; nothing is sent.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/session_state_management.html
    """
    gone: list[Any] = [item]
    while gone:
        parent = gone.pop()
        for child in list(session):
            action, names = _fate(child, parent)
            if action == "CASCADE":
                session.expunge(child)
                gone.append(child)
            for name in names if action == "SET NULL" else ():
                set_committed_value(child, name, None)


def _fate(child: Any, parent: Any) -> tuple[str, list[str]]:
    ours, theirs = inspect(child).mapper, inspect(parent).mapper
    for rule in (rule for table in ours.tables for rule in table.foreign_key_constraints):
        if rule.ondelete and rule.referred_table in theirs.tables:
            names = [ours.get_property_by_column(element.parent).key for element in rule.elements]
            keys = [theirs.get_property_by_column(element.column).key for element in rule.elements]
            values = [child.__dict__.get(name) for name in names]
            if None not in values and values == [parent.__dict__.get(key) for key in keys]:
                return rule.ondelete.upper(), names
    return "", []
