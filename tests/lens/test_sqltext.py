"""Reading and shortening of SQL text."""

from __future__ import annotations

import pytest

from course_lib.lens import sqltext

COLUMNS = "SELECT users.id, users.name, users.email, users.country, users.joined_on FROM users"


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", "SELECT"),
        ("  (select 1) UNION (select 2)", "SELECT"),
        ("-- INSERT\n/* DELETE */ update t SET a=1", "UPDATE"),
        ("WITH a AS (SELECT 1), b AS (DELETE FROM t RETURNING id) INSERT INTO u SELECT * FROM b", "INSERT"),
        ("WITH RECURSIVE n(i) AS (VALUES (1)) SELECT i FROM n", "SELECT"),
        ("with x as (select ')' as \"(\") delete from t", "DELETE"),
        ("SAVEPOINT sa_savepoint_1", "SAVEPOINT"),
        ("PRAGMA foreign_keys=ON", "PRAGMA"),
        ("", ""),
    ],
)
def test_kind(sql: str, kind: str) -> None:
    assert sqltext.kind_of(sql) == kind


@pytest.mark.parametrize(
    ("sql", "short"),
    [
        ("SELECT a FROM t WHERE a IN (?, ?, ?)", "SELECT a FROM t WHERE a IN (? x 3)"),
        (
            "SELECT a FROM t WHERE a IN ($1::INTEGER, $2::INTEGER, $3::INTEGER)",
            "SELECT a FROM t WHERE a IN ($1::INTEGER x 3)",
        ),
        ("SELECT a\nFROM t\nWHERE a IN (?, ?)", "SELECT a FROM t WHERE a IN (?, ?)"),
        ("INSERT INTO t (a, b) VALUES (?, ?), (?, ?)", "INSERT INTO t (a, b) VALUES (?, ?) x 2"),
        (COLUMNS, "SELECT users (5 columns) FROM users"),
        ("SELECT users.id, users.name FROM users", "SELECT users.id, users.name FROM users"),
        (
            f"SELECT count(*) AS n, coalesce(x.a, x.b) AS c FROM ({COLUMNS}) AS x",
            "SELECT count(*) AS n, coalesce(x.a, x.b) AS c FROM (SELECT users (5 columns) FROM users) AS x",
        ),
    ],
)
def test_shortened(sql: str, short: str) -> None:
    assert sqltext.shorten(sql) == short


def test_signatures_differ_in_more_than_lists() -> None:
    batch = "SELECT a FROM t WHERE a IN ({})"
    assert sqltext.signature(batch.format("?, ?")) == sqltext.signature(batch.format("?"))
    assert sqltext.signature("SELECT a FROM t WHERE a = ?") != sqltext.signature(batch.format("?"))


@pytest.mark.parametrize("mark", ["?", "$1::INTEGER", "$1::DOUBLE PRECISION", ":key", "%(key)s"])
def test_asking_for_one(mark: str) -> None:
    assert sqltext.asks_for_one(f"SELECT a FROM t WHERE {mark} = t.a")
    assert sqltext.asks_for_one(f"SELECT a FROM t WHERE t.a = {mark}")
    assert sqltext.asks_for_one(f"SELECT a FROM t WHERE t.a = {mark} ORDER BY a LIMIT {mark}")
    assert not sqltext.asks_for_one(f"SELECT a FROM t WHERE t.a > {mark}")
    assert not sqltext.asks_for_one(f"SELECT a FROM t WHERE t.a >= {mark}")
    assert not sqltext.asks_for_one(f"SELECT a FROM t WHERE b = {mark} LIMIT {mark} OFFSET {mark}")
    assert not sqltext.asks_for_one(f"SELECT a FROM t WHERE t.a IN ({mark})")
    assert not sqltext.asks_for_one("SELECT a FROM t")


def test_wrapped_where_clauses_begin() -> None:
    lines = sqltext.wrap("SELECT a FROM t LEFT OUTER JOIN u ON t.a = u.a ORDER BY a", 30)
    assert lines == ["SELECT a FROM t", "LEFT OUTER JOIN u ON t.a = u.a", "ORDER BY a"]
    assert len(sqltext.wrap("word " * 200, 40)) == 3
