"""States of objects, read without loading."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import selectinload

from course_lib.lens import state_of, states, watch
from course_lib.shop import Order, User

from .conftest import Sessions


def person(name: str) -> User:
    return User(name=name, email=f"{name}@example.org", country="NL")


async def test_all_states(engine: AsyncEngine, sessions: Sessions) -> None:
    async with sessions() as session, sessions() as other:
        query = select(User).options(selectinload(User.orders)).order_by(User.id).limit(2)
        held, detached = (await session.scalars(query)).all()
        going = person("eve")
        session.add(going)
        await session.flush()
        foreign = await other.get(User, 4)
        pending = person("ada")
        session.add(pending)
        session.expunge(detached)
        await session.delete(going)
        held.name = "renamed"
        with watch(engine) as sql:
            seen = states(session, person("bob"), pending, held, going, detached, foreign)
            text, html = repr(seen), seen._repr_html_()
        assert sql.sent == 0
        assert [item.state for item in seen.objects] == [
            "transient",
            "pending",
            "persistent",
            "persistent, to be deleted",
            "detached",
            "persistent, in another session",
        ]
        assert "orders" in seen[2].loaded and seen[2].changed == ("name",)
        assert seen[5].not_loaded == ("orders", "tags")
        assert "User, no key yet: pending" in text and "<caption>" in html
        await session.flush()
        assert states(session, going)[0].state == "deleted"
        session.expire(held)
        with watch(engine) as sql:
            expired = states(None, held)
        assert sql.sent == 0
        assert expired[0].loaded == () and "name" in expired[0].expired
        assert expired[0].not_loaded == ()


async def test_what_is_not_mapped_is_refused(engine: AsyncEngine, sessions: Sessions) -> None:
    for thing in ([1], "text", User):
        with pytest.raises(TypeError, match="Pass objects"):
            states(None, thing)
    async with sessions() as session:
        row = (await session.execute(select(Order.id))).first()
        with pytest.raises(TypeError, match="Pass objects"):
            states(session, row)


async def test_one_object_in_a_line(sessions: Sessions) -> None:
    async with sessions() as session:
        user = await session.get(User, 3)
        assert state_of(user) == "User 3: persistent"
        assert state_of(person("ada")) == "User, no key yet: transient"
    assert state_of(user) == "User 3: detached"
    with pytest.raises(TypeError, match="Pass objects"):
        state_of([user])
