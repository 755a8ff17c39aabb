"""What was sent to the database, and how many rows came back: the recording, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from course_lib.lens import sqltext

Pattern = Literal["n+1", "one by one", "batches", "same values", "repeated"]


@dataclass(slots=True)
class Statement:
    """One statement as the driver was given it.

    `text` is the SQL; `kind` its verb (`SELECT`, `INSERT`, ...); `rows` the rows fetched from the database
    so far; `many` whether it went out through the driver's executemany; `sets` for how many sets of values;
    `failed` the name of the SQLAlchemy error, if it failed; `variant` tells apart the values (0, 1, 2 in
    order of appearance) without keeping them; `values` holds them, shortened, only if the watch was opened
    with `values=True`; `mark` is true for a line that tells of a transaction's begin or end.
    """

    text: str
    kind: str
    rows: int = 0
    returns_rows: bool = False
    many: bool = False
    sets: int = 1
    done: bool = False
    failed: str = ""
    variant: int = 0
    values: str = ""
    mark: bool = False

    @property
    def counted(self) -> bool:
        """Whether it is a SELECT, INSERT, UPDATE or DELETE (also after WITH)."""
        return self.kind in sqltext.COUNTED and not self.mark

    @property
    def signature(self) -> str:
        """Equal for statements that differ in values and lengths of lists only."""
        return sqltext.signature(self.text)


@dataclass(slots=True)
class Group:
    """Statements of one recording with the same signature; either all of them failed, or none. `numbers`
    count from 1; `source` is the number of the earlier statement whose rows came before an N+1."""

    statements: list[Statement]
    numbers: list[int]
    source: int | None = None

    @property
    def text(self) -> str:
        """The SQL of the first of them."""
        return self.statements[0].text

    @property
    def kind(self) -> str:
        """The verb: `SELECT`, ..."""
        return self.statements[0].kind

    @property
    def count(self) -> int:
        """How many statements."""
        return len(self.statements)

    @property
    def rows(self) -> int:
        """Rows fetched by all of them."""
        return sum(statement.rows for statement in self.statements)

    @property
    def different(self) -> int:
        """How many different sets of values they were sent with."""
        return len({statement.variant for statement in self.statements})

    @property
    def one_by_one(self) -> bool:
        """Three or more different values, asked for one at a time by equality."""
        asks = self.kind == "SELECT" and sqltext.asks_for_one(self.text)
        return asks and self.different > 2 and not any(statement.many for statement in self.statements)

    @property
    def pattern(self) -> Pattern:
        """What the repetition looks like."""
        if self.one_by_one:
            return "one by one" if self.source is None else "n+1"
        if len({statement.text for statement in self.statements}) > 1 or sqltext.list_length(self.text):
            return "batches"
        if self.kind == "SELECT" and self.different == 1:
            return "same values"
        return "repeated"


class Statements:
    """What was sent while a `watch` was open. Numbers and lists stay readable after its end; it can be
    pickled.

    `sent`: SELECT, INSERT, UPDATE and DELETE executions (one executemany is one). `rows`: rows they
    fetched. `all`: these statements in the order in which they were sent. `others`: DDL, PRAGMA, SHOW and
    the like, which are not counted. `repeats`: groups of two or more alike. `n_plus_one`: the first group
    that is an N+1, or None.
    """

    def __init__(self) -> None:
        self.everything: list[Statement] = []

    @property
    def all(self) -> list[Statement]:
        """The counted statements in order."""
        return [statement for statement in self.everything if statement.counted]

    @property
    def others(self) -> list[Statement]:
        """Statements that are not counted: DDL, PRAGMA, SHOW and the like."""
        return [item for item in self.everything if not item.counted and not item.mark]

    @property
    def sent(self) -> int:
        """How many SELECT, INSERT, UPDATE and DELETE executions."""
        return len(self.all)

    @property
    def rows(self) -> int:
        """How many rows the counted statements fetched."""
        return sum(statement.rows for statement in self.all)

    @property
    def groups(self) -> list[Group]:
        """All counted statements by signature, in order of first appearance; failed ones apart."""
        found: dict[tuple[str, bool], Group] = {}
        for number, statement in enumerate(self.all, 1):
            key = (statement.signature, bool(statement.failed))
            group = found.setdefault(key, Group([], []))
            group.statements.append(statement)
            group.numbers.append(number)
        groups = list(found.values())
        for group in groups:
            if group.one_by_one:
                group.source = self._source(group, groups)
        return groups

    @property
    def repeats(self) -> list[Group]:
        """Groups of two or more statements."""
        return [group for group in self.groups if group.count > 1]

    @property
    def n_plus_one(self) -> Group | None:
        """The first group that is an N+1: after another statement had fetched at least as many rows, the
        same SELECT was sent three times or more, asking by equality, each time with another value."""
        return next((group for group in self.repeats if group.pattern == "n+1"), None)

    @staticmethod
    def _source(group: Group, groups: list[Group]) -> int | None:
        """The number of the statement whose rows may have caused `group`: sent earlier, with at least as
        many rows as the group has values. One on the same table counts only if the group asks for at least
        half of its rows again: a few `get()` calls after a list are not an N+1."""
        table = sqltext.main_table(group.text)
        fitting = [
            other
            for other in groups
            if other.kind == "SELECT"
            and other.numbers[0] < group.numbers[0]
            and other.rows >= group.different
            and (sqltext.main_table(other.text) != table or other.rows <= 2 * group.different)
        ]
        exact = [other for other in fitting if other.rows == group.different]
        return (exact or fitting)[-1].numbers[0] if fitting else None

    def __len__(self) -> int:
        return self.sent

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.all)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        from course_lib.lens.statements_view import plain

        return plain(self)

    def _repr_html_(self) -> str:
        from course_lib.lens.statements_view import html

        return html(self)
