"""Trials on relationships and on loading them."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import joinedload, selectinload

from course_lib.lens import Statements, watch
from course_lib.sandbox import Sandbox, open_sandbox
from course_lib.shop import Order, User
from course_lib.trials.recipe import recipe_models, with_one_order
from course_lib.trials.trial import Finding, Trial, finding


async def _sent(db: Sandbox, statement: object) -> Statements:
    async with db.sessions() as session:
        with watch(db.engine) as sql:
            (await session.scalars(statement)).unique().all()  # type: ignore[call-overload]
    return sql


async def one_query(db: Sandbox) -> Finding:
    user = await _first_buyer(db)
    sql = await _sent(db, select(User).options(selectinload(User.orders)).where(User.id == user))
    return finding(sql.sent == 1, f"{sql.sent} statements for one user and the orders")


async def _first_buyer(db: Sandbox) -> int:
    async with db.sessions() as session:
        return (await session.scalars(select(func.min(Order.user_id)))).one()


async def many_users(db: Sandbox) -> Finding:
    loads = select(User).options(selectinload(User.orders))
    hundred = await _sent(db, loads.order_by(User.id).limit(100))
    some = select(User.id).limit(5)
    async with db.sessions.begin() as session:
        before = list(await session.scalars(some))
        await session.execute(update(User).where(User.id == before[0]).values(name="renamed"))
        after = list(await session.scalars(some))
    async with open_sandbox(db.backend, users=1200) as large:
        all_of_them = await _sent(large, loads.order_by(User.id))
    return finding(
        hundred.sent == 2,
        f"{hundred.sent} statements for 100 users, {all_of_them.sent} for 1200",
        {
            "the statements grow with the users, by one for each 500": all_of_them.sent > hundred.sent,
            "without ORDER BY other users come after an UPDATE": after != before,
        },
    )


async def no_more_n_plus_one(db: Sandbox) -> Finding:
    eager = await _sent(db, select(User).options(selectinload(User.orders)))
    async with db.sessions() as session:
        with watch(db.engine) as awaited:
            for user in await session.scalars(select(User)):
                await user.awaitable_attrs.orders
    return finding(
        eager.n_plus_one is None,
        f"{eager.sent} statements with selectinload, {awaited.sent} with awaitable_attrs in a loop",
        {"awaitable_attrs in a loop is N+1 without any error": awaited.n_plus_one is not None},
    )


async def selectin_for_collections(db: Sandbox) -> Finding:
    two = (User.orders, User.tags)
    selectin = await _sent(db, select(User).options(*map(selectinload, two)))
    joined = await _sent(db, select(User).options(*map(joinedload, two)))
    to_one = [await _sent(db, select(Order).options(load(Order.user))) for load in (selectinload, joinedload)]
    return finding(
        selectin.rows < joined.rows,
        f"two collections: {selectin.rows} rows with selectinload, {joined.rows} with joinedload",
        {
            "to one object joinedload is the shorter way: "
            f"{to_one[1].sent} statement against {to_one[0].sent}": to_one[1].sent < to_one[0].sent
        },
    )


async def one_or_none(db: Sandbox) -> Finding:
    user = await _first_buyer(db)
    async with db.sessions() as session:
        one = select(User).where(User.id == user)
        got = (await session.execute(one.options(selectinload(User.orders)))).scalar_one_or_none()
        none = (await session.execute(select(User).where(User.id == -1))).scalar_one_or_none()
    async with db.sessions() as session:
        try:
            (await session.execute(one.options(joinedload(User.orders)))).scalar_one_or_none()
            refused = False
        except InvalidRequestError:
            refused = True
    return finding(
        got is not None and len(got.orders) > 0 and none is None,
        "the user with the orders, and None for an unknown one",
        {"with joinedload of a collection it asks for unique() first": refused},
    )


async def raise_prevents_loads(db: Sandbox) -> Finding:
    models = await with_one_order(db, recipe_models())
    async with db.sessions() as session:
        user = (await session.scalars(select(models.User))).one()
        try:
            _ = user.orders
            refused = False
        except InvalidRequestError:
            refused = True
    async with db.sessions() as session:
        user = (await session.scalars(select(models.User))).one()
        await session.delete(user)
        with watch(db.engine) as sql:
            try:
                await session.flush()
            except Exception:  # the recipe's delete fails; whether it loads first is the question here
                await session.rollback()
        loaded = any(one.kind == "SELECT" and "recipe_orders" in one.text for one in sql.all)
    return finding(
        refused,
        "touching the attribute raises InvalidRequestError",
        {"deleting a user loads the orders all the same": loaded},
    )


async def raise_demands_selectinload(db: Sandbox) -> Finding:
    models = await with_one_order(db, recipe_models())
    loaded = {}
    for name, load in (("selectinload", selectinload), ("joinedload", joinedload)):
        async with db.sessions() as session:
            users = await session.scalars(select(models.User).options(load(models.User.orders)))
            loaded[name] = len(users.unique().one().orders) == 1
    async with db.sessions() as session:
        user = (await session.scalars(select(models.User))).one()
        await session.refresh(user, ["orders"])
        loaded["refresh"] = len(user.orders) == 1
    return finding(
        loaded["selectinload"],
        "readable after " + ", ".join(name for name, was in loaded.items() if was),
        {f"{name} serves as well": loaded[name] for name in ("joinedload", "refresh")},
    )


async def touching_raises(db: Sandbox) -> Finding:
    error = await _touched(db, "raise")
    return finding(isinstance(error, InvalidRequestError), f"it raised {type(error).__name__}")


async def touching_blocks(db: Sandbox) -> Finding:
    error = await _touched(db, "select")
    saw = f"it raised {type(error).__name__}" if error else "it loaded, and the loop stood still meanwhile"
    return finding(error is None, saw)


async def _touched(db: Sandbox, lazy: str) -> Exception | None:
    models = await with_one_order(db, recipe_models(lazy=lazy))
    async with db.sessions() as session:
        user = (await session.scalars(select(models.User))).one()
        try:
            _ = user.orders
        except Exception as error:
            return error
    return None


TRIALS = (
    Trial(
        "loads-in-one-query",
        "`selectinload` brings a user and the orders in a single query.",
        ("function get_user_with_orders",),
        "lazy-loading/4",
        one_query,
        exercise="lazy-loading/users-with-orders",
        pattern="with_exactly",
    ),
    Trial(
        "one-or-none-after-loading",
        "`scalar_one_or_none()` gives the one object or None, eager loading included.",
        ("function get_user_with_orders",),
        "choosing-a-loader/1",
        one_or_none,
        exercise="choosing-a-loader/parcels",
        pattern="with_exactly",
    ),
    Trial(
        "many-users-with-a-limit",
        "`selectinload` and a `limit` bring many users and their orders in two statements.",
        ("function get_users_with_orders",),
        "choosing-a-loader/3",
        many_users,
        exercise="choosing-a-loader/latest-orders",
        pattern="keyset_page",
        users=100,
    ),
    Trial(
        "n-plus-one-is-gone",
        "With async and eager loading N+1 is a thing of the past.",
        ("function get_user_with_orders", "function get_users_with_orders"),
        "lazy-loading/3",
        no_more_n_plus_one,
        exercise="lazy-loading/load-orders",
        pattern="fill_in",
        users=100,
    ),
    Trial(
        "selectinload-for-collections",
        "For collections `selectinload` is the better loader.",
        ("decision Eager loading",),
        "choosing-a-loader/2",
        selectin_for_collections,
        exercise="choosing-a-loader/big-orders",
        pattern="with_exactly",
        users=100,
    ),
    Trial(
        "raise-prevents-loading",
        '`lazy="raise"` keeps a relationship from being loaded by accident.',
        ("sample models", "decision Lazy loading"),
        "relationships/3",
        raise_prevents_loads,
        exercise="relationships/delete-a-user",
        pattern="follow_delete",
    ),
    Trial(
        "raise-demands-selectinload",
        'With `lazy="raise"` only `selectinload` fills a relationship.',
        ("sample models",),
        "lazy-loading/5",
        raise_demands_selectinload,
        exercise="lazy-loading/order-days",
        pattern="fill_in",
    ),
    Trial(
        "touching-raises",
        'Touching a relationship that was not loaded raises, where it is declared `lazy="raise"`.',
        ("anti-pattern lazy relationship",),
        "lazy-loading/5",
        touching_raises,
        exercise="lazy-loading/order-days",
        pattern="with_exactly",
    ),
    Trial(
        "touching-blocks",
        "Touching a relationship that was not loaded blocks the event loop, where it is declared lazily.",
        ("anti-pattern lazy relationship",),
        "lazy-loading/1",
        touching_blocks,
        exercise="lazy-loading/order-days",
        pattern="with_exactly",
    ),
)
