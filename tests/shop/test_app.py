"""The finished application, on a real server, with a real client, on both backends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from course_lib.lens import watch
from course_lib.patterns.web import get_sessions
from course_lib.sandbox import Sandbox, open_sandbox, serve
from course_lib.shop import Order, OrderLine, Product, User
from course_lib.shop.app import make_app

MAILS: list[tuple[str, str]] = []
NEW = {"name": "Zoë", "email": "zoe@example.com", "country": "NL"}


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with open_sandbox(request.param, users=7) as sandbox:
        yield sandbox


@pytest.fixture
async def shop(db: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    MAILS.clear()

    async def mail(address: str, text: str) -> None:
        MAILS.append((address, text))

    async with serve(make_app(db.url, mail=mail)) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def number(db: Sandbox, model: Any) -> int:
    async with db.sessions() as session:
        return (await session.scalar(select(func.count()).select_from(model))) or 0


async def known(db: Sandbox) -> list[User]:
    async with db.sessions() as session:
        return list(await session.scalars(select(User).order_by(User.id)))


async def set_stock(db: Sandbox, stock: int) -> None:
    async with db.sessions.begin() as session:
        await session.execute(update(Product).values(stock=stock))


async def test_it_is_well(shop: httpx.AsyncClient) -> None:
    answer = await shop.get("/health")
    assert (answer.status_code, answer.json()["database"]) == (200, "ok")


async def test_a_user_is_added_and_found(db: Sandbox, shop: httpx.AsyncClient) -> None:
    added = await shop.post("/users", json=NEW)
    assert added.status_code == 201
    found = await shop.get(added.headers["Location"])
    assert found.json() == added.json() == {"id": added.json()["id"], **NEW}
    assert await number(db, User) == 8


async def test_a_duplicate_is_409_and_adds_nothing(db: Sandbox, shop: httpx.AsyncClient) -> None:
    email = (await known(db))[0].email
    answer = await shop.post("/users", json={**NEW, "email": email})
    assert (answer.status_code, email in answer.text) == (409, False)
    assert await number(db, User) == 7
    assert (await shop.post("/users", json=NEW)).status_code == 201


@pytest.mark.parametrize("change", [{"name": ""}, {"email": "nobody"}, {"country": "nl"}, {"email": None}])
async def test_what_is_not_a_user_is_422(shop: httpx.AsyncClient, change: dict[str, Any]) -> None:
    assert (await shop.post("/users", json=NEW | change)).status_code == 422


@pytest.mark.parametrize("path", ["/users/99999", "/users/99999/dashboard"])
async def test_an_unknown_user_is_404(shop: httpx.AsyncClient, path: str) -> None:
    answer = await shop.get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "There is no user 99999."})


@pytest.mark.parametrize("key", ["0", "-1", "x", str(2**40)])
async def test_what_cannot_be_a_key_is_422(shop: httpx.AsyncClient, key: str) -> None:
    assert (await shop.get(f"/users/{key}")).status_code == 422


async def test_pages_end(db: Sandbox, shop: httpx.AsyncClient) -> None:
    seen: list[int] = []
    after: int | None = None
    while True:
        page = (await shop.get("/users", params={"size": 3} | ({"after": after} if after else {}))).json()
        seen += [user["id"] for user in page["users"]]
        if (after := page["next"]) is None:
            break
    assert seen == [user.id for user in await known(db)]


async def test_a_dashboard_is_one_statement(db: Sandbox) -> None:
    app = make_app("sqlite+aiosqlite://")
    app.dependency_overrides[get_sessions] = lambda: db.sessions
    users = await known(db)
    async with db.sessions() as session:
        orders = list(await session.scalars(select(Order)))
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        for user in users:
            with watch(db.engine) as sql:
                board = (await client.get(f"/users/{user.id}/dashboard")).json()
            own = [order for order in orders if order.user_id == user.id]
            assert (board["orders"], board["cents"]) == (len(own), sum(order.cents for order in own))
            last = max((order.ordered_on for order in own), default=None)
            assert board["last_ordered_on"] == (last.isoformat() if last else None)
            assert sql.sent == 1


async def test_an_order_takes_the_stock_and_is_confirmed_by_mail(
    db: Sandbox, shop: httpx.AsyncClient
) -> None:
    await set_stock(db, 10)
    user = (await known(db))[0]
    lines = [{"product_id": product, "quantity": quantity} for product, quantity in ((2, 3), (1, 1), (2, 2))]
    answer = await shop.post(f"/users/{user.id}/orders", json={"lines": lines})
    assert answer.status_code == 201, answer.text
    order = answer.json()
    async with db.sessions() as session:
        products = {product.id: product for product in await session.scalars(select(Product))}
        stored = (await session.execute(select(Order).where(Order.id == order["id"]))).scalar_one()
        of_order = select(OrderLine.product_id, OrderLine.quantity).where(OrderLine.order_id == order["id"])
        bought = sorted(map(tuple, await session.execute(of_order)))
    assert (products[1].stock, products[2].stock, bought) == (9, 5, [(1, 1), (2, 5)])
    assert (
        (order["cds"], order["cents"])
        == (6, products[1].cents + 5 * products[2].cents)
        == (stored.cds, stored.cents)
    )
    assert stored.ordered_on == datetime.now(UTC).date()
    await said(1)
    assert [(user.email, f"Your order {stored.id} of 6 CDs is on its way.")] == MAILS


async def said(mails: int) -> None:
    async with asyncio.timeout(10):
        while len(MAILS) < mails:  # noqa: ASYNC110 - a background task tells nobody that it ended
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([(1, 1), (2, 11)], 409),
        ([(1, 6), (1, 5)], 409),
        ([(1, 1), (99999, 1)], 422),
        ([(1, 0)], 422),
        ([], 422),
    ],
)
async def test_a_refused_order_changes_nothing(
    db: Sandbox, shop: httpx.AsyncClient, lines: list[tuple[int, int]], status: int
) -> None:
    await set_stock(db, 10)
    user, before = (await known(db))[0], await number(db, Order)
    basket = {"lines": [{"product_id": product, "quantity": quantity} for product, quantity in lines]}
    answer = await shop.post(f"/users/{user.id}/orders", json=basket)
    assert answer.status_code == status, answer.text
    async with db.sessions() as session:
        assert set(await session.scalars(select(Product.stock))) == {10}
    assert (await number(db, Order), MAILS) == (before, [])


async def test_the_last_copies_are_sold_once(db: Sandbox, shop: httpx.AsyncClient) -> None:
    await set_stock(db, 3)
    user = (await known(db))[0]
    basket = {"lines": [{"product_id": 1, "quantity": 1}]}
    answers = await asyncio.gather(*(shop.post(f"/users/{user.id}/orders", json=basket) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 7
    await said(3)


async def test_a_user_with_orders_stays_and_one_without_goes(db: Sandbox, shop: httpx.AsyncClient) -> None:
    async with db.sessions() as session:
        owners = set(await session.scalars(select(Order.user_id)))
    for user in await known(db):
        answer = await shop.delete(f"/users/{user.id}")
        assert answer.status_code == (409 if user.id in owners else 204), answer.text
    assert {user.id for user in await known(db)} == owners
    assert (await shop.delete("/users/99999")).status_code == 404
