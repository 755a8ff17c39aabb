"""What a session knows about objects, read without loading anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstanceState, Session

from course_lib.lens import show


@dataclass(frozen=True, slots=True)
class ObjectState:
    """One object at one moment: `name` (`User 7`, or `User, no key yet`), its `state`, and names of its
    attributes."""

    name: str
    state: str
    loaded: tuple[str, ...]
    not_loaded: tuple[str, ...]
    expired: tuple[str, ...]
    changed: tuple[str, ...]


class States:
    """The states of some objects at the moment of the call to `states`."""

    def __init__(self, objects: Sequence[ObjectState]) -> None:
        self.objects = list(objects)

    def __len__(self) -> int:
        return len(self.objects)

    def __getitem__(self, index: int) -> ObjectState:
        return self.objects[index]

    def __repr__(self) -> str:
        lines: list[str] = []
        for item in self.objects:
            lines.append(f"{item.name}: {item.state}")
            named = (("loaded", item.loaded), ("not loaded", item.not_loaded))
            extra = (("expired", item.expired), ("changed", item.changed))
            lines += [f"  {word + ':':<12}{', '.join(names) or '-'}" for word, names in named]
            lines += [f"  {word + ':':<12}{', '.join(names)}" for word, names in extra if names]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            (
                item.name,
                item.state,
                *(
                    ", ".join(names) or "-"
                    for names in (item.loaded, item.not_loaded, item.expired, item.changed)
                ),
            )
            for item in self.objects
        ]
        headers = ("Object", "State", "Loaded", "Not loaded", "Expired", "Changed")
        return show.panel("Objects and their session", show.table(headers, rows, caption="At this moment"))


def _state_word(state: InstanceState[Any], session: Session | None) -> str:
    if state.transient:
        return "transient"
    if state.detached:
        return "detached"
    word = "pending" if state.pending else "deleted" if state.deleted else "persistent"
    owner = state.session
    if session is not None and owner is not session:
        return f"{word}, in another session"
    if owner is not None and word == "persistent" and state.obj() in owner.deleted:
        return "persistent, to be deleted"
    return word


def _describe(state: InstanceState[Any], session: Session | None) -> ObjectState:
    columns = list(state.mapper.column_attrs.keys())
    names = columns + [name for name in state.mapper.attrs.keys() if name not in columns]  # noqa: SIM118
    expired = tuple(name for name in names if name in state.expired_attributes and name not in state.dict)
    identity = state.identity
    key = "no key yet" if identity is None else " ".join(map(str, identity))
    kind = state.mapper.class_.__name__
    return ObjectState(
        name=f"{kind}, {key}" if identity is None else f"{kind} {key}",
        state=_state_word(state, session),
        loaded=tuple(name for name in names if name in state.dict),
        not_loaded=tuple(name for name in names if name not in state.dict and name not in expired),
        expired=expired,
        changed=() if identity is None else tuple(sorted(set(names) & set(state.committed_state))),
    )


def states(session: AsyncSession | Session | None, *objects: object) -> States:
    """Each object's state (transient, pending, persistent, deleted, detached) and which attributes it holds.

    `session` tells whether an object belongs to it or to another one; None asks about no session in
    particular. Reading never loads anything. Raises `TypeError` for an object that is not of a mapped class.
    https://docs.sqlalchemy.org/en/21/orm/session_state_management.html
    """
    owner = session.sync_session if isinstance(session, AsyncSession) else session
    found: list[ObjectState] = []
    for thing in objects:
        try:
            state = inspect(thing)
        except NoInspectionAvailable:
            state = None
        if not isinstance(state, InstanceState):
            raise TypeError(
                f"a {type(thing).__name__} has no state in a session: it is not an object of a mapped class. "
                "Pass objects, not rows or lists: `states(session, *users)`."
            )
        found.append(_describe(state, owner))
    return States(found)


def state_of(thing: object) -> str:
    """One line about one object: `Tag 9: persistent`, or `Tag, no key yet: pending`. The words are those of
    `states`, and so is the `TypeError`."""
    item = states(None, thing)[0]
    return f"{item.name}: {item.state}"
