"""The repository and the cascades, on both backends."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Computed, ForeignKey, ForeignKeyConstraint, String, func, insert, inspect, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload, validates

from course_lib.lens import watch
from course_lib.patterns import Repository, cascade_gaps, owned, owner_key
from course_lib.patterns.repository import PARAMETERS
from course_lib.sandbox import Sandbox, open_sandbox
from course_lib.shop import Order, User


class OwnBase(AsyncAttrs, DeclarativeBase):
    """Tables of these tests."""


class Artist(OwnBase):
    __tablename__ = "artists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column("artist_name", String(50), unique=True)
    born: Mapped[int | None]
    shout: Mapped[str] = mapped_column(Computed("upper(artist_name)"))
    albums: Mapped[list["Album"]] = owned(back_populates="artist")
    fans: Mapped[list["Fan"]] = relationship(back_populates="artist", passive_deletes=True)

    @validates("born")
    def _check(self, key: str, value: int | None) -> int | None:
        if value is not None and value < 0:
            raise ValueError("born before counting began")
        return value


class Album(OwnBase):
    __tablename__ = "albums"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = owner_key("artists.id")
    title: Mapped[str] = mapped_column(default="untitled")
    artist: Mapped[Artist] = relationship(back_populates="albums")
    tracks: Mapped[list["Track"]] = owned()


class Track(OwnBase):
    __tablename__ = "tracks"
    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None]


class Fan(OwnBase):
    __tablename__ = "fans"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int | None] = mapped_column(ForeignKey("artists.id", ondelete="SET NULL"))
    artist: Mapped[Artist | None] = relationship(back_populates="fans")


class Bare(OwnBase):
    """Refers to an album with the rule in the database alone."""

    __tablename__ = "bare"
    id: Mapped[int] = mapped_column(primary_key=True)
    album_id: Mapped[int] = mapped_column()
    __table_args__ = (ForeignKeyConstraint(["album_id"], ["albums.id"], ondelete="CASCADE"),)


class Thing(OwnBase):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "thing"}  # noqa: RUF012


class Lamp(Thing):
    __tablename__ = "lamps"
    id: Mapped[int] = mapped_column(ForeignKey("things.id"), primary_key=True)
    watts: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "lamp"}  # noqa: RUF012


class Gaps(DeclarativeBase):
    """Models whose session and database disagree; they are never sent anywhere."""


class Parent(Gaps):
    __tablename__ = "parent"
    id: Mapped[int] = mapped_column(primary_key=True)
    only_session: Mapped[list["A"]] = relationship(cascade="all")
    only_database: Mapped[list["B"]] = relationship()
    agreed: Mapped[list["B"]] = relationship(cascade="all", overlaps="only_database")
    nulls: Mapped[list["C"]] = relationship()
    left_alone: Mapped[list["C"]] = relationship(passive_deletes="all", overlaps="nulls")
    seen: Mapped[list["C"]] = relationship(viewonly=True)
    refused_by_both: Mapped[list["D"]] = relationship()


class A(Gaps):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("parent.id"))


class B(Gaps):
    __tablename__ = "b"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("parent.id", ondelete="CASCADE"))


class C(Gaps):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("parent.id"))


class D(Gaps):
    __tablename__ = "d"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("parent.id"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with open_sandbox(request.param, users=7) as sandbox:
        async with sandbox.engine.begin() as connection:
            await connection.run_sync(OwnBase.metadata.create_all)
            # No ids: PostgreSQL's sequences would not know of them.
            await connection.execute(insert(Artist), [{"artist_name": f"artist {n}"} for n in (1, 2, 3)])
            await connection.execute(insert(Album), [{"artist_id": n} for n in (1, 1, 2)])
            rows = [{"album_id": album, "place": place} for album in (1, 2, 3) for place in (1, 2)]
            await connection.execute(insert(Track), rows)
            await connection.execute(insert(Fan), [{"artist_id": 1}, {"artist_id": 2}])
            await connection.execute(insert(Bare), [{"album_id": 1}])
        yield sandbox


@pytest.fixture
async def session(db: Sandbox) -> AsyncIterator[AsyncSession]:
    async with db.sessions() as session:
        yield session


async def count(session: AsyncSession, model: type[Any]) -> int:
    return (await session.scalar(select(func.count()).select_from(model))) or 0


# ---------------------------------------------------------------- get_many


async def test_get_many_is_parallel_to_its_keys(db: Sandbox, session: AsyncSession) -> None:
    artists = Repository(session, Artist)
    with watch(db.engine) as sql:
        found = await artists.get_many(iter([3, 99, 1, 3]))
        often = await artists.get_many([2] * 2 * PARAMETERS)
    assert [item and item.id for item in found] == [3, None, 1, 3]
    assert found[0] is found[3]
    assert often == [await session.get(Artist, 2)] * 2 * PARAMETERS
    assert sql.sent == 2  # a key given often is asked for once


async def test_get_many_of_nothing_sends_nothing(db: Sandbox, session: AsyncSession) -> None:
    with watch(db.engine) as sql:
        assert await Repository(session, Artist).get_many([]) == []
        assert await Repository(session, Track).get_many([]) == []
    assert sql.sent == 0


async def test_get_many_takes_any_number_of_keys(db: Sandbox, session: AsyncSession) -> None:
    keys = [*range(40_000, 3, -1), 2, 1]
    with watch(db.engine) as sql:
        found = await Repository(session, Artist).get_many(keys)
    assert len(found) == len(keys)
    assert [item and item.id for item in found[-3:]] == [None, 2, 1]
    assert sql.sent == -(-len(keys) // PARAMETERS)


async def test_get_many_takes_composite_keys(db: Sandbox, session: AsyncSession) -> None:
    tracks = Repository(session, Track)
    found = await tracks.get_many([(2, 2), (9, 9), [1, 2], (2, 2)])
    assert [item and (item.album_id, item.place) for item in found] == [(2, 2), None, (1, 2), (2, 2)]
    many = [(album, place) for album in range(1, 201) for place in range(1, 101)]
    with watch(db.engine) as sql:
        assert sum(item is not None for item in await tracks.get_many(many)) == 6
    assert sql.sent == 4
    assert (await tracks.get((3, 1))) is not None


async def test_get_many_loads_what_is_asked_for(db: Sandbox, session: AsyncSession) -> None:
    (user,) = await Repository(session, User).get_many([3], options=[selectinload(User.orders)])
    assert user is not None
    assert len(user.orders) == 6


async def test_a_key_of_another_type_is_not_taken_for_missing() -> None:
    async with open_sandbox("sqlite", users=7) as db, db.sessions() as session:
        with pytest.raises(TypeError, match=r"equals none of those given: \(3,\)"):
            await Repository(session, User).get_many(["3"])


# ---------------------------------------------------------------- create


async def test_a_failed_create_leaves_the_session_and_earlier_work_intact(session: AsyncSession) -> None:
    artists = Repository(session, Artist)
    loaded = await session.get_one(Artist, 1)
    pending = Artist(name="pending")
    session.add(pending)
    first = await artists.create(name="first")
    with pytest.raises(IntegrityError):
        await artists.create(name="first")
    with pytest.raises(IntegrityError):
        await Repository(session, Album).create(artist_id=999)
    assert (loaded.name, first.name, pending.name) == ("artist 1", "first", "pending")
    last = await artists.create(name="last", born=1950)
    assert (last.shout, last.id is not None) == ("LAST", True)
    await session.commit()
    names = list(await session.scalars(select(Artist.name).order_by(Artist.id)))
    assert names == ["artist 1", "artist 2", "artist 3", "pending", "first", "last"]


async def test_create_takes_relationships(session: AsyncSession) -> None:
    artist = await Repository(session, Artist).create(name="x", albums=[Album(title="a"), Album(title="b")])
    await session.commit()
    assert await session.scalar(select(func.count()).where(Album.artist_id == artist.id)) == 2
    other = await session.get_one(Artist, 1, options=[selectinload(Artist.albums)])
    assert (await Repository(session, Album).create(artist=other)) in other.albums


async def test_a_failed_create_leaves_a_related_object_readable(session: AsyncSession) -> None:
    artist = await session.get_one(Artist, 1, options=[selectinload(Artist.albums)])
    artist.born = 1930
    with pytest.raises(IntegrityError):
        await Repository(session, Album).create(artist=artist, id=3)
    assert (artist.name, artist.born) == ("artist 1", 1930)
    await session.refresh(artist, ["albums"])
    assert len(artist.albums) == 2
    await session.commit()


async def test_create_refuses_unknown_names(session: AsyncSession) -> None:
    with pytest.raises(TypeError, match="nmae"):
        await Repository(session, Artist).create(nmae="x")
    assert await count(session, Artist) == 3


async def test_nothing_is_committed_by_the_repository(db: Sandbox) -> None:
    async with db.sessions() as session:
        artists = Repository(session, Artist)
        await artists.create(name="x")
        await artists.update(await session.get_one(Artist, 1), name="y")
        await artists.delete(await session.get_one(Artist, 2))
    async with db.sessions() as session:
        assert list(await session.scalars(select(Artist.name).order_by(Artist.id))) == [
            "artist 1",
            "artist 2",
            "artist 3",
        ]


# ---------------------------------------------------------------- update


async def test_update_writes_at_once_and_leaves_every_column_readable(
    db: Sandbox, session: AsyncSession
) -> None:
    artist = await session.get_one(Artist, 1)
    assert await Repository(session, Artist).update(artist, name="new", born=1940) is artist
    assert (artist.name, artist.born, artist.shout) == ("new", 1940, "NEW")
    await session.commit()
    async with db.sessions() as other:
        assert (await other.get_one(Artist, 1)).name == "new"


@pytest.mark.parametrize(
    "bad", ["nmae", "id", "albums", "metadata", "registry", "artist_name", "__init__", "awaitable_attrs"]
)
async def test_update_refuses_names_and_changes_nothing(db: Sandbox, session: AsyncSession, bad: str) -> None:
    artist = await session.get_one(Artist, 1)
    with watch(db.engine) as sql, pytest.raises(AttributeError, match=bad):
        await Repository(session, Artist).update(artist, **{"name": "new", bad: 5, "born": 1})
    assert sql.sent == 0
    assert (artist.name, artist.born, artist.id) == ("artist 1", None, 1)
    assert not inspect(artist).modified
    assert "metadata" not in artist.__dict__


async def test_update_refuses_each_part_of_a_composite_key(session: AsyncSession) -> None:
    track = await session.get_one(Track, (1, 1))
    with pytest.raises(AttributeError, match=r"place; nothing was changed\. It has: title"):
        await Repository(session, Track).update(track, place=7)
    assert (await Repository(session, Track).update(track, title="t")).title == "t"


@pytest.mark.parametrize(
    ("values", "error"),
    [({"born": 1, "name": "artist 2"}, IntegrityError), ({"name": "x", "born": -1}, ValueError)],
)
async def test_a_refused_update_leaves_the_object_as_it_was(
    session: AsyncSession, values: dict[str, Any], error: type[Exception]
) -> None:
    artists = Repository(session, Artist)
    artist = await session.get_one(Artist, 1)
    artist.born = 1900  # earlier work, not yet flushed
    with pytest.raises(error):
        await artists.update(artist, **values)
    assert (artist.name, artist.born, artist.shout) == ("artist 1", 1900, "ARTIST 1")
    await artists.update(artist, name="better")
    await session.commit()
    session.expunge_all()
    artist = await session.get_one(Artist, 1)
    assert (artist.name, artist.born) == ("better", 1900)


async def test_update_refuses_what_the_session_does_not_hold(db: Sandbox, session: AsyncSession) -> None:
    async with db.sessions() as other:
        stranger = await other.get_one(Artist, 1)
    for item in stranger, Artist(name="new"):
        with pytest.raises(ValueError, match="not in the repository's session"):
            await Repository(session, Artist).update(item, name="x")
        with pytest.raises(ValueError, match="not in the repository's session"):
            await Repository(session, Artist).delete(item)


# ---------------------------------------------------------------- delete


async def test_delete_leaves_the_rest_to_the_foreign_keys(db: Sandbox, session: AsyncSession) -> None:
    with watch(db.engine) as sql:
        artist = await session.get_one(Artist, 1)
        await Repository(session, Artist).delete(artist)
    assert [statement.kind for statement in sql.all] == ["SELECT", "DELETE"]
    await session.commit()
    found = [await count(session, model) for model in (Artist, Album, Track, Bare, Fan)]
    assert found == [2, 1, 2, 0, 2]
    assert (await session.get_one(Fan, 1)).artist_id is None


async def test_loaded_objects_follow_their_rows(session: AsyncSession) -> None:
    whole = selectinload(Artist.albums).selectinload(Album.tracks)
    artist, other = await session.scalars(
        select(Artist).where(Artist.id < 3).order_by(Artist.id).options(whole)
    )
    fans = list(await session.scalars(select(Fan).order_by(Fan.id)))
    bare = await session.get_one(Bare, 1)
    await Repository(session, Artist).delete(artist)
    gone = [artist, bare, *artist.albums, *(track for album in artist.albums for track in album.tracks)]
    assert len(gone) == 8
    assert not any(item in session for item in gone)
    assert all(item in session for item in [other, *other.albums, *other.albums[0].tracks, *fans])
    assert [fan.artist_id for fan in fans] == [None, 2]
    assert await session.get(Track, (1, 1)) is None
    assert await session.get(Artist, 1) is None
    other.name = "still here"
    await session.commit()
    assert (await count(session, Artist), await count(session, Track)) == (2, 2)


async def test_a_delete_that_is_refused_loses_nothing(db: Sandbox, session: AsyncSession) -> None:
    """The shop's users own orders, without any rule: neither session nor database deletes such a user."""
    users = Repository(session, User)
    user = await session.get_one(User, 1, options=[selectinload(User.orders)])
    user.name = "changed before"
    with watch(db.engine) as sql, pytest.raises(IntegrityError):
        await users.delete(user)
    assert [statement.kind for statement in sql.all] == ["UPDATE", "DELETE"]  # the pending change, the DELETE
    assert (user.name, len(user.orders) > 0, user in session) == ("changed before", True, True)
    await users.create(name="x", email="x@x", country="DE")
    await session.commit()
    assert await count(session, User) == 8


async def test_a_rolled_back_delete_brings_the_object_back(session: AsyncSession) -> None:
    artist = await session.get_one(Artist, 1)
    await Repository(session, Artist).delete(artist)
    assert artist not in session
    await session.rollback()
    assert artist in session
    assert (await session.get(Artist, 1)) is artist


async def test_delete_of_a_composite_key_and_of_a_hierarchy(session: AsyncSession) -> None:
    await Repository(session, Track).delete(await session.get_one(Track, (1, 2)))
    assert sorted(
        [track.place for track in await session.scalars(select(Track).where(Track.album_id == 1))]
    ) == [1]
    lamps = Repository(session, Lamp)
    lamp = await lamps.create(watts=5)
    await lamps.update(lamp, watts=7)
    with pytest.raises(AttributeError, match="id"):
        await lamps.update(lamp, id=3)
    await lamps.delete(lamp)
    await Repository(session, Thing).delete(await lamps.create(watts=1))
    assert (await count(session, Lamp), await count(session, Thing)) == (0, 0)


async def test_a_pending_object_can_be_deleted(session: AsyncSession) -> None:
    artist = Artist(name="new")
    session.add(artist)
    await Repository(session, Artist).delete(artist)
    assert await count(session, Artist) == 3


# ---------------------------------------------------------------- pages


async def all_pages(session: AsyncSession, size: int, **options: Any) -> list[list[int]]:
    pages, after = [], None
    while True:
        items, after = await Repository(session, Order).page(size=size, after=after, **options)
        pages.append([item.id for item in items])
        assert len(pages) < 100, "the pages do not end"
        if after is None:
            return pages


def flat(pages: list[list[int]]) -> list[int]:
    return [number for page in pages for number in page]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 4, 7, 25, 26])
async def test_pages_give_every_row_once_in_order(session: AsyncSession, size: int, descending: bool) -> None:
    by = [Order.cds, Order.ordered_on]
    rows = await session.execute(select(Order.cds, Order.ordered_on, Order.id))
    expected = [row[2] for row in sorted(map(tuple, rows), reverse=descending)]
    assert len(expected) == 25
    pages = await all_pages(session, size, by=by, descending=descending)
    assert flat(pages) == expected
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert pages[-1]  # no empty page at the end


async def test_pages_by_the_key_alone_and_by_part_of_it(session: AsyncSession) -> None:
    assert flat(await all_pages(session, 10)) == list(range(1, 26))
    tracks, seen, after = Repository(session, Track), [], None
    while True:
        items, after = await tracks.page(by=[Track.place], size=2, after=after)
        seen += [(item.place, item.album_id) for item in items]
        if after is None:
            break
    assert seen == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]


async def test_a_row_added_or_deleted_between_pages_shifts_nothing(session: AsyncSession) -> None:
    orders = Repository(session, Order)
    expected = flat(await all_pages(session, 100, by=[Order.ordered_on]))
    first, after = await orders.page(by=[Order.ordered_on], size=5)
    session.add(Order(user_id=1, ordered_on=date(1990, 1, 1), cds=1, cents=1))
    await session.flush()
    second, _ = await orders.page(by=[Order.ordered_on], size=5, after=after)
    assert [item.id for item in first + second] == expected[:10]
    assert after is not None
    track, last = await Repository(session, Track).page(size=2)
    await Repository(session, Track).delete(track[-1])
    following, _ = await Repository(session, Track).page(size=2, after=last)
    assert [(item.album_id, item.place) for item in following] == [(2, 1), (2, 2)]


async def test_the_position_is_that_of_the_row_and_not_of_an_older_object(db: Sandbox) -> None:
    async with db.sessions() as session:
        await session.get_one(Order, 1)
        held = (await session.scalars(select(Order).order_by(Order.cents, Order.id).limit(1))).one()
        await session.commit()  # the objects stay as they are, the rows move on
        async with db.sessions.begin() as other:
            (await other.get_one(Order, held.id)).cents = held.cents + 1_000_000
        seen = await all_pages(session, 24, by=[Order.cents])
        assert sorted(flat(seen)) == list(range(1, 26))
        _, after = await Repository(session, Order).page(by=[Order.cents], size=24)
        assert after is not None and after[0] < 1_000_000
        last, none = await Repository(session, Order).page(by=[Order.cents], size=24, after=after)
        assert ([item.id for item in last], none) == ([held.id], None)
        position = (await Repository(session, Order).page(by=[Order.cents], size=1, descending=True))[1]
        assert position is not None and position[0] > 1_000_000
        assert held.cents < 1_000_000  # the object was not asked


async def test_pages_take_conditions_and_options(db: Sandbox, session: AsyncSession) -> None:
    orders = Repository(session, Order)
    with watch(db.engine) as sql:
        items, after = await orders.page(
            by=[Order.ordered_on], size=2, where=[Order.user_id == 3], options=[selectinload(Order.user)]
        )
    assert sql.sent == 2
    assert after is not None
    assert {item.user.id for item in items} == {3}
    assert (await orders.page(size=2, where=[Order.user_id == -1])) == ([], None)
    pages = await all_pages(session, 2, by=[Order.ordered_on], where=[Order.user_id == 3])
    assert [len(page) for page in pages] == [2, 2, 2]


async def test_pages_refuse_what_has_no_order(session: AsyncSession) -> None:
    with pytest.raises(ValueError, match="born may be NULL"):
        await Repository(session, Artist).page(by=[Artist.born], size=2)
    for strange in Artist.albums, Album.title, Bare.id:
        with pytest.raises(ValueError, match="is no column of Artist"):
            await Repository(session, Artist).page(by=[strange], size=2)
    with pytest.raises(ValueError, match="at least one object"):
        await Repository(session, Artist).page(size=0)
    with pytest.raises(ValueError, match=r"A position here is \(name, id\)"):
        await Repository(session, Artist).page(by=[Artist.name], size=1, after=(1,))


# ---------------------------------------------------------------- cascades


async def test_an_owner_is_deleted_with_one_statement_by_the_session_too(
    db: Sandbox, session: AsyncSession
) -> None:
    artist = await session.get_one(Artist, 2)
    with watch(db.engine) as sql:
        await session.delete(artist)
        await session.commit()
    assert [statement.kind for statement in sql.all] == ["DELETE"]
    assert (await count(session, Album), await count(session, Track)) == (2, 4)


async def test_what_leaves_its_owner_is_deleted(session: AsyncSession) -> None:
    artist = await session.get_one(Artist, 1, options=[selectinload(Artist.albums)])
    artist.albums.pop(0)
    await session.commit()
    assert await count(session, Album) == 2
    assert "ix_albums_artist_id" in {index.name for index in inspect(Album).local_table.indexes}


def test_gaps_between_the_session_and_the_database_are_named() -> None:
    assert cascade_gaps(OwnBase) == []
    assert cascade_gaps(Gaps) == [
        "Parent.nulls: the session sets their foreign key to NULL, and the database has no ON DELETE, so it "
        "refuses.",
        "Parent.only_database: the session sets their foreign key to NULL, and the database has ON DELETE "
        "CASCADE.",
        "Parent.only_session: the session deletes the objects, and the database has no ON DELETE, so it "
        "refuses.",
    ]


async def test_the_reason_for_savepoints(session: AsyncSession) -> None:
    """Without one, a refused INSERT takes the whole transaction along; if not, create may be simplified."""
    session.add(Artist(name="artist 1"))
    with pytest.raises(IntegrityError):
        await session.flush()
    with pytest.raises(InvalidRequestError):
        await session.get(Artist, 3)
