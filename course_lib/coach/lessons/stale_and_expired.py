"""Lesson 06: what expires an object, what makes it stale, and who flushes when."""

from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.coach.describe import describe
from course_lib.coach.exercise import Choice, Exercise, Lesson, Question, Requirement
from course_lib.coach.lab import Call, Lab
from course_lib.coach.luck import just_before
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.shop import Product, Tag, User

SETTINGS = (True, False)


def _shown(error: BaseException | None, value: object) -> str:
    return type(error).__name__ if error else f"no error, and {value!r} was returned"


def _ended(session: AsyncSession, transaction: Any) -> str:
    """What became of a transaction that is the caller's, in words; empty if it is still open."""
    if transaction is not None and session.sync_session.get_transaction() is not transaction:
        return "the caller's transaction was ended"
    return ""


def _selects(call: Call) -> int:
    return sum(statement.kind == "SELECT" for statement in call.statements)


class OnTheShelf(Exercise):
    """Renew many objects by one statement, and lose no change."""

    id = "stale-and-expired/on-the-shelf"
    title = "What is on the shelf now"
    defines = "renew"
    minutes = 8
    users = (7, 7)
    achieved = "renew many objects in one statement, and lose nothing"
    requirements = {
        "fresh": Requirement(
            "afterwards each column has the value of the database",
            "What an object has loaded is not overwritten by a query, unless you ask for it.",
            "stale-and-expired/2",
        ),
        "budget": Requirement(
            "at most one SELECT is sent",
            "`refresh` is one statement for each object.",
            "stale-and-expired/2",
        ),
        "kept": Requirement(
            "changes that were not flushed are not lost",
            "`refresh` throws away what is not flushed, and so does `populate_existing` where autoflush is off.",
            "stale-and-expired/4",
        ),
        "others": Requirement(
            "other objects of the session stay as they are",
            "`expire_all` means all, and a query without a `where` renews everything that it finds.",
            "stale-and-expired/2",
        ),
        "nothing": Requirement(
            "an empty list sends nothing",
            "`IN` with an empty list is still a statement.",
            "stale-and-expired/2",
        ),
        "callers": Requirement(
            "the session and its transaction are the caller's",
            "A commit stores the caller's half-finished work; a rollback loses it.",
            "transactions/1",
        ),
    }
    hints = (
        "Which way to renew takes many objects in one statement? Step 2 has it.",
        "And what does it do to changes that wait, in a session without autoflush? Step 4. So send them first.",
        "`await session.flush()`, then `select(Product).where(Product.id.in_(ids))` with "
        "`.execution_options(populate_existing=True)`, through `session.scalars(...)`.",
    )
    afterword = (
        "The flush sends what waits, so that the SELECT reads it back instead of overwriting it. "
        "`populate_existing` renews the objects whose rows are read, and no others."
    )
    another = """
async def renew(session, products):
    if products:
        ids = [product.id for product in products]
        await session.flush()
        for product in products:
            session.expire(product)
        # An expired object takes its values from the next row that is read.
        (await session.scalars(select(Product).where(Product.id.in_(ids)))).all()
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Renew seven of twelve products that others sell, with autoflush and without."""
        for autoflush in SETTINGS:
            async with lab.shop(7) as db:
                await self._renew(answer, lab, db, autoflush=autoflush)

    async def _renew(self, answer: Any, lab: Lab, db: Any, *, autoflush: bool) -> None:
        factory = async_sessionmaker(db.engine, expire_on_commit=False, autoflush=autoflush)
        label = f"7 products, autoflush {'on' if autoflush else 'off'}"
        async with factory() as session:
            query = select(Product).order_by(Product.id).limit(12)
            every = list(await session.scalars(query))
            await session.commit()
            shown = {product.id: (product.stock, product.cents) for product in every}
            async with db.engine.begin() as connection:
                sold = {"stock": Product.stock + 100, "cents": Product.cents + 1}
                await connection.execute(update(Product).values(sold))
            given, others = every[2:9], every[:2] + every[9:]
            given[0].title = "not flushed"
            others[0].title = "not flushed either"
            session.add(Tag(name="not flushed"))
            transaction = session.sync_session.get_transaction()
            call = await lab.call(answer, session, list(given), on=db, label=label)
            for product, number in zip(every, shown, strict=True):
                stock = product.__dict__.get("stock", "expired")
                cents = product.__dict__.get("cents", "expired")
                if product in given:
                    wanted = shown[number][0] + 100
                    lab.expect("fresh", stock == wanted, f"a stock of {stock} for {wanted}", call)
                    wanted = shown[number][1] + 1
                    lab.expect("fresh", cents == wanted, f"a price of {cents} cents for {wanted}", call)
                else:
                    right = (stock, cents) == shown[number]
                    lab.expect("others", right, "the stock of a product that was not given changed", call)
            title = given[0].__dict__.get("title", "expired")
            lab.expect("kept", title == "not flushed", f"a changed title is now {title!r}", call)
            lab.expect("budget", _selects(call) <= 1, f"{_selects(call)} SELECTs for 7 products", call)
            ended = _ended(session, transaction)
            if not lab.expect("callers", not ended, ended, call):
                return
            await session.commit()
        async with factory() as session:
            titles = list(
                await session.scalars(select(Product.title).where(Product.title.like("not flushed%")))
            )
            tags = list(await session.scalars(select(Tag.name).where(Tag.name == "not flushed")))
            saw = f"after the caller's commit there is {sorted(titles + tags)}"
            lab.expect("kept", len(titles + tags) == 3, saw, call)
            call = await lab.call(answer, session, [], on=db, label="no products")
            lab.expect("nothing", call.sent == 0, f"{counted(call.sent, 'statement')} for no products", call)


class ErrorBehindError(Exercise):
    """Find the touch of an expired object that hides the first error."""

    id = "stale-and-expired/error-behind-error"
    title = "The error behind the error"
    defines = "change_email"
    minutes = 8
    users = (7, 7)
    achieved = "report an error without causing the next"
    requirements = {
        "changed": Requirement(
            "a free address is stored, and the answer says so",
            "After a commit that expires, the name cannot be read without an await.",
            "stale-and-expired/1",
        ),
        "kept": Requirement(
            "a refused address changes nothing, and the answer names the user and the address that stays",
            "`rollback` expires every object, whatever the factory says. And the object holds the address that was "
            "refused until then. A look beforehand sees no one who comes after it.",
            "stale-and-expired/3",
        ),
        "unknown": Requirement(
            "an unknown user gives None",
            "No such user and a refused address are two answers.",
            "sessions/3",
        ),
        "others": Requirement(
            "any other error reaches the caller",
            "Only IntegrityError says that the database refused the value. A list in its place is a mistake in "
            "the program.",
            "stale-and-expired/3",
        ),
        "given-back": Requirement(
            "no session opened here keeps a connection",
            "A look at an expired object begins a transaction again, on a connection that somebody must give back.",
            "stale-and-expired/5",
        ),
    }
    hints = (
        "Which two lines touch the user after something has expired it?",
        "Either read what you need before, or `await session.refresh(user)` afterwards. The address counts too.",
        "`name, old = user.name, user.email` before the change, and only these names in the answers.",
    )
    afterword = (
        "What the answer needs is read while the object is sure of it, before the change. Then neither the "
        "commit nor the rollback matters, and it works with every factory."
    )
    another = """
async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        user.email = email
        word = "has"
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            word = "keeps"
        await session.refresh(user)
        return f"{user.name} {word} {user.email}"
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Change one address, have two refused, ask for nobody, with factories of both kinds."""
        for expire in SETTINGS:
            async with lab.shop(7) as db:
                factory = async_sessionmaker(db.engine, expire_on_commit=expire)
                kind = f"expire_on_commit={expire}"
                async with db.sessions() as session:
                    people = {user.id: user for user in await session.scalars(select(User))}
                user, taken, new = people[3], people[2].email, "new.address@example.org"
                cases: tuple[tuple[str, str, Any, str | None, str], ...] = (
                    (
                        "kept",
                        "an address that is taken",
                        taken,
                        f"{user.name} keeps {user.email}",
                        user.email,
                    ),
                    ("kept", "None for an address", None, f"{user.name} keeps {user.email}", user.email),
                    ("changed", "a free address", new, f"{user.name} has {new}", new),
                )
                for key, label, email, wanted, stays in cases:
                    async with lab.case(f"{label}, {kind}"):
                        call = await self._ask(answer, lab, db, factory, 3, email, key)
                        lab.same(key, call.value, wanted, call)
                        async with db.sessions() as session:
                            found = await session.scalar(select(User.email).where(User.id == 3))
                        lab.expect(key, found == stays, f"in the database there is {found}", call)
                    if "given-back" in lab.broken:
                        return  # on SQLite, what is kept would make the next one wait
                async with lab.case(f"an address that is taken between a look and the UPDATE, {kind}"):
                    late = "in.between@example.org"
                    async with db.sessions() as session:
                        held = await session.scalar(select(User.email).where(User.id == 3))
                    rival = update(User).where(User.id == 4).values(email=late)
                    with just_before(db.engine, ("UPDATE USERS",), rival):
                        call = await self._ask(answer, lab, db, factory, 3, late, "kept")
                    lab.same("kept", call.value, f"{user.name} keeps {held}", call)
                async with lab.case(f"an unknown user, {kind}"):
                    call = await self._ask(answer, lab, db, factory, -1, "nobody@example.org", "unknown")
                    lab.expect("unknown", call.value is None, f"{call.value!r} for nobody", call)
                async with lab.case(f"a list for an address, {kind}"):
                    call = await self._ask(answer, lab, db, factory, 3, ["a", "b"], "others", catch=Exception)
                    lab.expect("others", call.error, _shown(call.error, call.value), call)

    async def _ask(
        self,
        answer: Any,
        lab: Lab,
        db: Any,
        factory: Any,
        user_id: int,
        email: Any,
        key: str,
        catch: Any = (),
    ) -> Call:
        with connections(db.engine) as pool:
            call = await lab.call(answer, factory, user_id, email, on=db, catch=catch, blame=key)
        kept = pool.out + pool.lost
        lab.expect("given-back", kept == 0, f"{counted(kept, 'connection')} kept", call)
        return call


class _Own(DeclarativeBase):
    pass


class _Shelf(_Own):
    """A model of the check's own, with a column that each UPDATE works out."""

    __tablename__ = "shelves_of_the_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    place: Mapped[str]
    changes: Mapped[int] = mapped_column(default=0, onupdate=text("changes + 1"))


class UsableAfterClose(Exercise):
    """Hand out an object whose columns can all be read, whatever the factory and the model."""

    id = "stale-and-expired/usable-after-close"
    title = "Usable after close"
    defines = "change"
    minutes = 10
    users = (7, 7)
    achieved = "hand out an object that holds what the database holds"
    requirements = {
        "stored": Requirement(
            "the new values are committed, and no other row is changed",
            "Closing a session throws away what was not committed, and `refresh` what was not flushed.",
            "stale-and-expired/4",
        ),
        "columns": Requirement(
            "after the session is closed, each column can be read and has the value of the database",
            "A commit expires unless the factory says otherwise, and without a session nothing can be read again.",
            "stale-and-expired/1",
        ),
        "made-by-database": Requirement(
            "so can a column that the database works out at the UPDATE",
            "`expire_on_commit=False` does not cover what the session never knew.",
            "stale-and-expired/3",
        ),
        "unknown": Requirement(
            "an unknown key gives None",
            "`get_one` raises where `get` gives None.",
            "sessions/3",
        ),
        "refused": Requirement(
            "a value that the database refuses raises IntegrityError, and changes nothing",
            "An error that is swallowed looks like success to the caller.",
            "transactions/2",
        ),
        "given-back": Requirement(
            "however the call ends, no connection is kept",
            "`refresh` after the commit begins a transaction again. `async with` ends it on every way out.",
            "stale-and-expired/5",
        ),
    }
    hints = (
        "Two things expire here: which, and when? And after which of them can you still await?",
        "`refresh` reads everything again. It has to come after the UPDATE, and before the session is closed.",
        "Inside `async with factory() as session:` set the attributes, `await session.commit()`, then "
        "`await session.refresh(found)`, and return it below the block.",
    )
    afterword = (
        "The refresh comes when nothing more can expire the object, and inside the block, which gives the "
        "connection back. It brings the database's own columns too, for any model."
    )
    another = """
async def change(factory, model, key, values):
    async with factory(expire_on_commit=False) as session:
        async with session.begin():
            found = await session.get(model, key)
            if found is not None:
                for name, value in values.items():
                    setattr(found, name, value)
                await session.flush()
                await session.refresh(found)
    return found
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Change a row of a model with a column of the database's own, through factories of both kinds."""
        for expire in SETTINGS:
            async with lab.shop(7) as db:
                async with db.engine.begin() as connection:
                    await connection.run_sync(_Own.metadata.create_all)
                    rows = [{"id": number, "label": f"shelf {number}", "place": "left"} for number in (1, 2)]
                    await connection.execute(insert(_Shelf), rows)
                factory = async_sessionmaker(db.engine, expire_on_commit=expire)
                await self._with(answer, lab, db, factory, f"expire_on_commit={expire}")

    async def _with(self, answer: Any, lab: Lab, db: Any, factory: Any, kind: str) -> None:
        async with lab.case(f"a new label, {kind}"):
            call = await self._ask(answer, lab, db, factory, 2, {"label": "jazz"})
            rows = await self._rows(db)
            right = rows == {1: ("shelf 1", "left", 0), 2: ("jazz", "left", 1)}
            if not lab.expect("stored", right, f"the table holds {rows}", call):
                return  # there is nothing to compare with
            found = lab.read("columns", lambda: (call.value.label, call.value.place, call.value.id), call)
            if found is not None:
                lab.same("columns", found, (*rows[2][:2], 2), call)
                changes = lab.read("made-by-database", lambda: call.value.changes, call)
                if "made-by-database" not in lab.broken:
                    lab.same("made-by-database", changes, rows[2][2], call)
        if "given-back" in lab.broken:
            return  # on SQLite, what is kept would make the next one wait
        async with lab.case(f"an unknown key, {kind}"):
            call = await self._ask(answer, lab, db, factory, -1, {"label": "x"}, blame="unknown")
            lab.expect("unknown", call.value is None, f"{describe(call.value)} for an unknown key", call)
        async with lab.case(f"a label that is refused, {kind}"):
            before = await self._rows(db)
            values = {"place": "right", "label": None}
            call = await self._ask(answer, lab, db, factory, 1, values, catch=SQLAlchemyError)
            lab.expect(
                "refused", isinstance(call.error, IntegrityError), _shown(call.error, call.value), call
            )
            lab.expect("refused", await self._rows(db) == before, "something was changed all the same", call)

    async def _ask(
        self,
        answer: Any,
        lab: Lab,
        db: Any,
        factory: Any,
        key: int,
        values: dict[str, Any],
        catch: Any = (),
        blame: str | None = None,
    ) -> Call:
        with connections(db.engine) as pool:
            call = await lab.call(answer, factory, _Shelf, key, dict(values), on=db, catch=catch, blame=blame)
        kept = pool.out + pool.lost
        lab.expect("given-back", kept == 0, f"{counted(kept, 'connection')} kept", call)
        return call

    async def _rows(self, db: Any) -> dict[int, tuple[str, str, int]]:
        async with db.sessions() as session:
            rows = await session.execute(select(_Shelf.id, _Shelf.label, _Shelf.place, _Shelf.changes))
            return {row.id: (row.label, row.place, row.changes) for row in rows}


class OneRowForEachName(Exercise):
    """Find or add, in a session that may not flush by itself."""

    id = "stale-and-expired/one-row-for-each-name"
    title = "One row for each name"
    defines = "tags_named"
    core = False
    minutes = 10
    users = (7, 7)
    achieved = "find what is stored and what still waits"
    requirements = {
        "places": Requirement(
            "each place holds the tag of the name that stands there",
            "`IN` gives rows in the database's order, and each row once.",
            "sessions/3",
        ),
        "stored": Requirement(
            "a tag that is stored is used",
            "Names are unique: a second one is refused, at the flush.",
            "stale-and-expired/4",
        ),
        "pending": Requirement(
            "a tag that the caller has added and not flushed is used",
            "Without autoflush, a query does not see what waits.",
            "stale-and-expired/4",
        ),
        "twice": Requirement(
            "the same name twice gives the same object",
            "What was added a moment ago is not in a list that was read before.",
            "stale-and-expired/4",
        ),
        "added": Requirement(
            "a new tag belongs to the session, and the caller's commit stores it",
            "An object that was made and not added is nobody's.",
            "sessions/4",
        ),
        "budget": Requirement(
            "at most one SELECT is sent, for any number of names",
            "A look for each name is a statement for each name.",
            "stale-and-expired/2",
        ),
        "callers": Requirement(
            "the transaction is the caller's: nothing is committed or rolled back",
            "A commit in here stores the caller's half-finished work.",
            "transactions/1",
        ),
    }
    hints = (
        "What waits, and does your query see it, in a session without autoflush?",
        "Send it first. Then one query gives all the names that exist, for a dictionary.",
        "`await session.flush()`, one `select(Tag).where(Tag.name.in_(names))`, and a dictionary to which each new "
        "tag is added.",
    )
    afterword = (
        "The flush makes the caller's tags visible to the query, whatever the setting. The dictionary knows what "
        "was stored and what was added on the way, so each name has one tag."
    )
    another = """
async def tags_named(session, names):
    known = {tag.name: tag for tag in session.new if isinstance(tag, Tag)}
    with session.no_autoflush:
        stored = select(Tag).where(Tag.name.in_(set(names) - set(known)))
        known |= {tag.name: tag for tag in await session.scalars(stored)}
    new = {name: Tag(name=name) for name in names if name not in known}
    session.add_all(new.values())
    return [(known | new)[name] for name in names]
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask for tags that are stored, waiting, new and repeated, with autoflush and without."""
        for autoflush in SETTINGS:
            async with lab.shop(7) as db:
                factory = async_sessionmaker(db.engine, expire_on_commit=False, autoflush=autoflush)
                setting = f"autoflush {'on' if autoflush else 'off'}"
                for ending in ("rollback", "commit"):
                    async with lab.case(f"6 names, {setting}"):
                        await self._ask(answer, lab, db, factory, ending)
                async with lab.case(f"no names, {setting}"), factory() as session:
                    call = await lab.call(answer, session, [], on=db, returns=list)
                    lab.same("places", list(call.value), [], call)

    async def _ask(self, answer: Any, lab: Lab, db: Any, factory: Any, ending: str) -> None:
        names = ["samba", "polka", "Mambo", "jazz", "Mambo", "Jazz"]
        async with db.sessions() as session:
            ids = dict((await session.execute(select(Tag.name, Tag.id))).all())
        async with factory() as session:
            waiting = Tag(name="polka")
            session.add(waiting)
            transaction = session.sync_session.get_transaction()
            call = await lab.call(answer, session, list(names), on=db, returns=list, of=Tag)
            lab.expect("budget", _selects(call) <= 1, f"{_selects(call)} SELECTs for 6 names", call)
            ended = _ended(session, transaction)
            if not lab.expect("callers", not ended, ended, call):
                return
            found = [tag.__dict__.get("name") for tag in call.value]
            if not lab.expect("places", found == names, f"{found} for {names}", call):
                return
            tags = dict(zip(("samba", "polka", "Mambo", "jazz"), call.value, strict=False))
            new = [name for name in ("samba", "jazz") if tags[name].__dict__.get("id") != ids[name]]
            fine = lab.expect("stored", not new, f"another tag was made for {', '.join(new)}", call)
            fine &= lab.expect("pending", tags["polka"] is waiting, "another tag was made for polka", call)
            held = [tag.__dict__.get("name") for tag in session if isinstance(tag, Tag)]
            once = call.value[4] is tags["Mambo"] and held.count("Mambo") <= 1
            fine &= lab.expect("twice", once, "two tags were made for Mambo", call)
            if fine:
                await getattr(session, ending)()
        if not fine:
            return
        async with db.sessions() as session:
            rows = list(await session.scalars(select(Tag.name).where(Tag.name.in_(names))))
        if ending == "rollback":
            left = sorted(set(rows) - {"samba", "jazz"})
            lab.expect("callers", not left, f"after the caller's rollback there is still {left}", call)
        else:
            lacking = sorted(set(names) - set(rows))
            lab.expect("added", not lacking, f"after the caller's commit there is no {lacking}", call)


LESSON = Lesson(
    id="stale-and-expired",
    number="06",
    notebook="06_stale_and_expired",
    title="Stale and expired",
    promise="See when an object refuses to answer, when it answers with yesterday's values, and what each costs to "
    "mend.",
    minutes=25,
    exercise_minutes=35,
    objectives=(
        "name what expires an object: commit, rollback, the database's own columns",
        "recognise a stale object, and renew one or a hundred",
        "say what `expire_on_commit=False` mends and what it does not",
        "decide about `autoflush`, knowing both of its surprises",
        "find the line that borrows a connection again",
    ),
    exercises=(OnTheShelf(), ErrorBehindError(), UsableAfterClose(), OneRowForEachName()),
    recall=(
        Question(
            "what-rollback-undoes",
            "Three objects were added and flushed, the fourth is refused, and `rollback()` is called. What is left "
            "of the three?",
            (
                Choice(
                    "Nothing: it undoes everything since BEGIN",
                    "Right. A savepoint around each would have kept them.",
                    True,
                ),
                Choice("All three: only the fourth is undone", "That takes a savepoint around each."),
                Choice(
                    "All three, if they were flushed",
                    "A flush sends. What was sent and not committed is undone.",
                ),
            ),
            "transactions/2",
        ),
        Question(
            "one-row-one-object",
            "Two queries in one session find the user with the key 3. How many User objects are there?",
            (
                Choice("One", "Right: the identity map knows one object for each row.", True),
                Choice(
                    "Two, with equal values", "The second query finds the first one's object and gives it."
                ),
            ),
            "sessions/3",
        ),
    ),
    predictions=(
        Question(
            "id-after-commit",
            "A session with SQLAlchemy's defaults: get, commit, then `user.id` without an await. What happens?",
            (
                Choice("It is 3: a key does not change", ""),
                Choice("It raises", "", True),
                Choice("It is None: the object was expired", ""),
                Choice("A SELECT is sent, then it is 3", ""),
            ),
            "stale-and-expired/1",
        ),
        Question(
            "looking-for-anna",
            "The session has read user 3, and another one renamed that user to Anna. "
            '`select(User).where(User.name == "Anna")` in the first session: what comes?',
            (
                Choice("The user, with the name Anna", ""),
                Choice("The user, with the old name", "", True),
                Choice("Nothing: in this session nobody is called Anna", ""),
                Choice("A second object, with the name Anna", ""),
            ),
            "stale-and-expired/2",
        ),
        Question(
            "refresh-before-flush",
            'A session with autoflush: `user.name = "Anna"`, `await session.refresh(user)`, '
            "`await session.commit()`. Which name is stored?",
            (
                Choice("Anna", ""),
                Choice("The old one, and there is an error", ""),
                Choice("The old one, and no error", "", True),
            ),
            "stale-and-expired/4",
        ),
    ),
    quiz=(
        Question(
            "logging-after-rollback",
            "`except IntegrityError: await session.rollback(); log(user.name)` raises, in a session with "
            "`expire_on_commit=False`. Why?",
            (
                Choice(
                    "The rollback expired the user",
                    "Right: it always does. Read the name before, or refresh.",
                    True,
                ),
                Choice(
                    "The session was closed by the error",
                    "It is open, and `await session.refresh(user)` would work.",
                ),
                Choice(
                    "The user is no longer in the database",
                    "The row is there as before. The object has thrown its values away.",
                ),
            ),
            "stale-and-expired/3",
        ),
        Question(
            "a-session-that-lives-long",
            "A worker keeps one session with `expire_on_commit=False` for the whole day and calls "
            "`session.get(Product, 5)` each minute. What may go wrong?",
            (
                Choice(
                    "It shows the stock of the morning",
                    "Right, as long as somebody holds the object: `get` then sends nothing.",
                    True,
                ),
                Choice(
                    "It raises once the product is changed elsewhere",
                    "Nobody tells the session. It goes on with what it has.",
                ),
                Choice(
                    "Nothing: get reads by primary key, so it is always new",
                    "It looks into the identity map first, and what it finds there is not read again.",
                ),
            ),
            "stale-and-expired/2",
        ),
        Question(
            "looking-after-the-commit",
            "After the commit a function awaits `session.refresh(order)`, then sends a mail for three seconds inside "
            "the session's block. What does that cost?",
            (
                Choice(
                    "A connection for three seconds",
                    "Right: the refresh began a transaction, and it ends with the block.",
                    True,
                ),
                Choice(
                    "Nothing: the commit gave the connection back",
                    "It did, and the refresh borrowed one again.",
                ),
                Choice(
                    "The refresh fails: nothing can be read after a commit",
                    "It can, in a new transaction that begins by itself.",
                ),
            ),
            "stale-and-expired/5",
        ),
    ),
    cheat=(
        "await session.refresh(user)",
        "select(User).execution_options(populate_existing=True)",
        "with session.no_autoflush:",
    ),
    terms={
        "expired": "of an object's value: thrown away, to be read from the database at the next touch",
        "stale": "of an object's value: kept, and out of date",
        "refresh": "to read an object's row again and overwrite what it holds",
        "populate_existing": "an option of a query: renew objects that the session has already",
        "autoflush": "the session sends what waits before each query, so that the query sees it",
        "eager_defaults": "an option of a model: the INSERT or UPDATE brings back what the database worked out",
    },
)
