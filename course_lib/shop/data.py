"""The shop's data: real orders, and what had to be made up around them."""

import csv
import gzip
import random
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from itertools import takewhile
from typing import Any, NamedTuple, TextIO, cast

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from course_lib.shop import names
from course_lib.shop.models import Base

DATA_VERSION = "1"
"""Changes whenever ``fill`` would write other rows or other tables: prepared databases carry it."""

CUSTOMERS = 23_570
PRODUCTS = 200


class RealOrder(NamedTuple):
    """One real order. ``number`` is its place in the file, from 1; ``cents`` are US cents."""

    number: int
    customer_id: int
    ordered_on: date
    cds: int
    cents: int


def real_orders() -> Iterator[RealOrder]:
    """Read the 69,659 real orders, one at a time, sorted by customer and then by date.

    Nothing is kept in memory. 255 rows equal another row and are orders of their own.
    """
    with (
        files("course_lib.shop").joinpath("cdnow_orders.csv.gz").open("rb") as raw,
        gzip.open(raw, "rt", encoding="ascii", newline="") as text,
    ):
        for number, row in enumerate(csv.DictReader(cast(TextIO, text)), start=1):
            dollars, _, cents = row["dollars"].partition(".")
            yield RealOrder(
                number=number,
                customer_id=int(row["customer_id"]),
                ordered_on=date.fromisoformat(row["ordered_on"]),
                cds=int(row["cds"]),
                cents=int(dollars) * 100 + int(cents),
            )


def shop_rows(users: int) -> dict[Table, list[dict[str, Any]]]:
    """Give the rows of a small shop with so many users, by table, in the order to insert them.

    About a tenth of the users are visitors without any order; the others are the first customers of the
    real file with all their orders. The same number gives the same rows on every machine.

    Args:
        users: 0 to 23,570. Products and tags are there even with no user.

    Raises:
        ValueError: the number is negative or above the number of real customers.
    """
    if not 0 <= users <= CUSTOMERS:
        raise ValueError(f"a shop has 0 to {CUSTOMERS} users, not {users}")
    visitors = users // 10 or (1 if users >= 5 else 0)
    customers = users - visitors
    products = [_product(number) for number in range(1, PRODUCTS + 1)]
    orders = list(takewhile(lambda order: order.customer_id <= customers, real_orders()))
    people = [*range(1, customers + 1), *range(CUSTOMERS + 1, CUSTOMERS + 1 + visitors)]
    tables = Base.metadata.tables
    return {
        tables["tags"]: [{"id": n, "name": name} for n, name in enumerate(names.TAGS, start=1)],
        tables["products"]: products,
        tables["users"]: [_user(number) for number in people],
        tables["user_tags"]: [row for number in people for row in _tags_of(number)],
        tables["orders"]: [
            {
                "id": order.number,
                "user_id": order.customer_id,
                "ordered_on": order.ordered_on,
                "cds": order.cds,
                "cents": order.cents,
            }
            for order in orders
        ],
        tables["order_lines"]: [row for order in orders for row in _lines_of(order)],
    }


async def fill(engine: AsyncEngine, users: int) -> None:
    """Create the shop's tables in an empty database and fill them with ``shop_rows(users)``.

    Everything happens in one transaction: either the whole shop is there, or nothing.

    Raises:
        ValueError: as ``shop_rows``.
        sqlalchemy.exc.DBAPIError: the database refused, for instance because the tables exist and hold rows.
    """
    rows = shop_rows(users)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        for table, values in rows.items():
            if values:
                await connection.execute(insert(table), values)
        if connection.dialect.name == "postgresql":
            for table in rows:
                if "id" in table.c:
                    # Rows came with their keys; the next one the database makes must lie above them.
                    await connection.exec_driver_sql(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                        f"(SELECT coalesce(max(id), 0) + 1 FROM {table.name}), false)"
                    )


def _rng(kind: str, number: int) -> random.Random:
    # A generator of its own for each thing, so that a slice of 7 users holds the same 7 as one of 1200.
    return random.Random(f"async-sqlalchemy-course/{kind}/{number}")


def _pick(rng: random.Random, choices: tuple[Any, ...]) -> Any:
    return choices[int(rng.random() * len(choices))]


def _user(number: int) -> dict[str, Any]:
    rng = _rng("user", number)
    country, given, family = _pick(rng, names.PEOPLE)
    name = f"{_pick(rng, given)} {_pick(rng, family)}"
    return {"id": number, "name": name, "email": f"reader{number}@example.org", "country": country}


def _tags_of(number: int) -> list[dict[str, int]]:
    rng = _rng("tags", number)
    chosen = [tag for tag in range(1, len(names.TAGS) + 1) if rng.random() < 0.3]
    return [{"user_id": number, "tag_id": tag} for tag in chosen]


def _product(number: int) -> dict[str, Any]:
    rng = _rng("product", number)
    return {
        "id": number,
        "title": f"{_pick(rng, names.ADJECTIVES)} {_pick(rng, names.NOUNS)}",
        "artist": f"The {_pick(rng, names.NOUNS)} {_pick(rng, names.ENSEMBLES)}",
        "cents": 999 + 100 * int(rng.random() * 12),
        "stock": int(rng.random() * 40),
    }


def _lines_of(order: RealOrder) -> list[dict[str, int]]:
    rng = _rng("lines", order.number)
    count = min(order.cds, 1 + int(rng.random() * 4))
    lines = []
    cds_left, cents_left = order.cds, order.cents
    for position in range(count):
        last = position == count - 1
        quantity = cds_left if last else max(1, cds_left // (count - position))
        cents = cents_left if last else order.cents * quantity // order.cds
        cds_left, cents_left = cds_left - quantity, cents_left - cents
        lines.append(
            {
                "id": order.number * 10 + position,
                "order_id": order.number,
                "product_id": 1 + int(rng.random() * PRODUCTS),
                "quantity": quantity,
                "cents": cents,
            }
        )
    return lines
