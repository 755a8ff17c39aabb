"""The shop's data: real orders, and made-up rows that fit them."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from course_lib.patterns import make_engine, make_session_factory
from course_lib.sandbox import open_sandbox
from course_lib.shop import Base, Order, User, fill, real_orders, shop_rows

TABLES = Base.metadata.tables


def test_the_real_orders_are_all_there() -> None:
    orders = list(real_orders())
    assert len(orders) == 69_659
    assert len({order.customer_id for order in orders}) == 23_570
    assert [order.number for order in orders] == list(range(1, 69_660))
    repeats = Counter(order[1:] for order in orders)
    assert sum(count - 1 for count in repeats.values()) == 255
    assert sum(order.cents == 0 for order in orders) == 80
    assert max(Counter(order.customer_id for order in orders).values()) == 217


@pytest.mark.parametrize("users", [0, 1, 7, 100, 501, 1200])
def test_a_slice_has_its_size_and_is_part_of_the_next(users: int) -> None:
    rows, larger = shop_rows(users), shop_rows(1300)
    assert len(rows[TABLES["users"]]) == users
    for table in TABLES.values():
        assert {row["id"] for row in rows[table] if "id" in row} <= {row.get("id") for row in larger[table]}
    assert rows == shop_rows(users)


def test_lines_add_up_to_their_order() -> None:
    rows = shop_rows(100)
    cds: Counter[int] = Counter()
    cents: Counter[int] = Counter()
    for line in rows[TABLES["order_lines"]]:
        assert line["quantity"] >= 1
        assert line["cents"] >= 0
        cds[line["order_id"]] += line["quantity"]
        cents[line["order_id"]] += line["cents"]
    for order in rows[TABLES["orders"]]:
        assert (cds[order["id"]], cents[order["id"]]) == (order["cds"], order["cents"])


def test_about_a_tenth_are_visitors_and_names_go_beyond_ascii() -> None:
    rows = shop_rows(100)
    buyers = {order["user_id"] for order in rows[TABLES["orders"]]}
    assert len(buyers) == 90
    assert any(not row["name"].isascii() for row in rows[TABLES["users"]])
    assert len({row["email"] for row in rows[TABLES["users"]]}) == 100


@pytest.mark.parametrize("users", [-1, 23_571])
def test_a_shop_of_impossible_size_is_refused(users: int) -> None:
    with pytest.raises(ValueError, match="a shop has 0 to 23570 users"):
        shop_rows(users)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_new_rows_get_keys_above_those_given(backend: str) -> None:
    async with open_sandbox(backend, users=7) as db, db.sessions.begin() as session:  # type: ignore[arg-type]
        highest = await session.scalar(select(func.max(User.id)))
        user = User(name="New", email="new@example.org", country="DE")
        session.add(user)
        await session.flush()
        assert user.id > highest


async def test_a_failed_fill_leaves_nothing(tmp_path, monkeypatch) -> None:
    rows = shop_rows(1)
    lines = rows[TABLES["order_lines"]]
    rows[TABLES["order_lines"]] = [{**lines[0], "order_id": -5}]
    monkeypatch.setattr("course_lib.shop.data.shop_rows", lambda users: rows)
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/shop.db")
    try:
        with pytest.raises(Exception, match="FOREIGN KEY"):
            await fill(engine, 1)
        async with engine.connect() as connection:
            tables = await connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            assert tables.scalar() == 0
    finally:
        await engine.dispose()


async def test_a_repr_never_asks_the_database() -> None:
    async with open_sandbox("sqlite", users=7) as db, make_session_factory(db.engine)() as session:
        order = await session.get_one(Order, 1)
        assert repr(order) == "Order(id=1, user_id=1, cents=1177)"
        session.expire(order)
        assert repr(order) == "Order()"
