"""Reading and shortening SQL text, without a full parser: what kind of statement it is, and a form that
fits a line.

The text of a statement is what the driver was given. Shortening keeps it honest: a list is replaced by its
length, a long run of columns by their number, and nothing else changes.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from functools import lru_cache

COUNTED = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
TRANSACTION = frozenset({"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "START", "END"})
HOUSEKEEPING = TRANSACTION | {"PRAGMA", "SHOW", "SET", "RESET", "DEALLOCATE", "DISCARD"}

_CAST = r"(?:::[A-Za-z_][A-Za-z_ ]*(?:\(\d+(?:, ?\d+)?\))?(?:\[\])*)?"
_PLACEHOLDER = rf"(?:\?\d*|\$\d+|%s|%\(\w+\)s|:\w+){_CAST}"
_ONE = re.compile(r"(?:\?\d*|\$\d+|%s|%\(\w+\)s|(?<!:):\w+)")
_IN_LIST = re.compile(rf"\bIN \(({_PLACEHOLDER})((?:, {_PLACEHOLDER})*)\)")
_TUPLE = rf"\((?:{_PLACEHOLDER}|\d+|NULL|DEFAULT)(?:, (?:{_PLACEHOLDER}|\d+|NULL|DEFAULT))*\)"
_TUPLES = re.compile(rf"({_TUPLE})((?:, {_TUPLE})+)")
_VALUES_ONCE = re.compile(rf"(\bVALUES {_TUPLE})(?! x N)")
_EQUAL = re.compile(rf"(?:(?<![<>!])=\s*{_PLACEHOLDER})|(?:{_PLACEHOLDER}\s*=)")
_RANGE = re.compile(
    rf"(?:[<>]=?\s*{_ONE.pattern})|(?:\bOFFSET\s+{_ONE.pattern})|(?:\bBETWEEN\b)", re.IGNORECASE
)
_SELECT = re.compile(r"\bSELECT (?:DISTINCT )?", re.IGNORECASE)
_COLUMN = re.compile(r'^("[^"]+"|\w+)\.(?:"[^"]+"|\w+)(?: AS (?:"[^"]+"|\w+))?$')
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\w+|.", re.DOTALL)


def one_line(sql: str) -> str:
    """The statement on one line, with single spaces."""
    return re.sub(r"\s+", " ", sql).strip().rstrip(";").rstrip()


def _tokens(sql: str) -> Iterator[tuple[str, int, int, int]]:
    """(text, start, end, depth of parentheses) of each word, quoted text, comment or other character."""
    depth = 0
    for match in _TOKEN.finditer(sql):
        text = match.group()
        if text == ")":
            depth -= 1
        yield text, match.start(), match.end(), depth
        if text == "(":
            depth += 1


def kind_of(sql: str) -> str:
    """The statement's verb in capitals; after `WITH ...` the verb that does the work (`SELECT`, `INSERT`,
    ...)."""
    seen_with = False
    for text, _, _, depth in _tokens(sql):
        if text.startswith(("--", "/*")) or not (text[0].isalpha() or text[0] == "_"):
            continue
        word = text.upper()
        if not seen_with:
            if word != "WITH":
                return word
            seen_with = True
        elif depth == 0 and word in COUNTED:
            return word
    return "WITH" if seen_with else ""


def list_length(sql: str) -> int:
    """How many values the longest `IN (...)` list of placeholders holds; 0 without such a list."""
    return max((1 + len(_ONE.findall(found.group(2))) for found in _IN_LIST.finditer(sql)), default=0)


def row_count(sql: str) -> int:
    """How many rows of placeholders `VALUES (...), (...)` holds; 1 without such a list."""
    return max((1 + found.group(2).count("(") for found in _TUPLES.finditer(sql)), default=1)


def collapse(sql: str) -> str:
    """Long lists as their length: `IN (?, ?, ?)` becomes `IN (? x 3)`, a list of rows `(?, ?) x 1000`."""

    def in_list(found: re.Match[str]) -> str:
        count = 1 + len(_ONE.findall(found.group(2)))
        return f"IN ({found.group(1)} x {count})" if count > 2 else found.group()

    def tuples(found: re.Match[str]) -> str:
        return f"{found.group(1)} x {1 + found.group(2).count('(')}"

    return _TUPLES.sub(tuples, _IN_LIST.sub(in_list, sql))


@lru_cache(maxsize=128)
def signature(sql: str) -> str:
    """The same for two statements that differ in the lengths of their lists only."""
    text = _TUPLES.sub(r"\1 x N", _IN_LIST.sub("IN (...)", one_line(sql)))
    return _VALUES_ONCE.sub(r"\1 x N", text)


def asks_for_one(sql: str) -> bool:
    """Whether the statement asks for what equals a value, and not for a range, a page or a list."""
    return bool(_EQUAL.search(sql)) and not _RANGE.search(sql) and not _IN_LIST.search(sql)


def _select_list(sql: str, start: int) -> tuple[list[str], int]:
    """The items of the select list that begins at `start`, and where it ends."""
    items: list[str] = []
    begin = end = start
    for text, left, right, depth in _tokens(sql[start:]):
        if depth < 0 or (depth == 0 and text.upper() in ("FROM", "UNION", "WHERE")):
            break
        if depth == 0 and text == ",":
            items.append(sql[begin : start + left].strip())
            begin = start + right
        end = start + right
    items.append(sql[begin:end].strip())
    return items, end


def _fold_columns(items: list[str]) -> list[str]:
    """Runs of three and more plain columns of one table become `table (n columns)`."""
    folded: list[str] = []
    run: list[str] = []
    table = ""

    def close() -> None:
        folded.extend([f"{table} ({len(run)} columns)"] if len(run) > 2 else run)
        run.clear()

    for item in items:
        match = _COLUMN.match(item)
        if match is None:
            close()
            folded.append(item)
            continue
        if match.group(1) != table:
            close()
        table = match.group(1)
        run.append(item)
    close()
    return folded


@lru_cache(maxsize=128)
def shorten(sql: str, longest: int = 56) -> str:
    """The statement on one line, lists collapsed and every select list beyond `longest` characters folded.

    `SELECT users.id, users.name, ... FROM users` becomes `SELECT users (5 columns) FROM users`.
    """
    line = collapse(one_line(sql))
    for match in reversed(list(_SELECT.finditer(line))):
        items, end = _select_list(line, match.end())
        if end - match.end() > longest and len(items) > 2:
            line = line[: match.end()] + ", ".join(_fold_columns(items)) + " " + line[end:].lstrip()
    return line.rstrip().replace(" )", ")").replace("( ", "(")


_CLAUSE = re.compile(
    r"(?<!OUTER)(?<!CROSS)(?<!INNER) (?=(?:FROM|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|RETURNING|VALUES"
    r"|SET|ON CONFLICT|UNION|(?:LEFT OUTER |FULL OUTER |CROSS |INNER )?JOIN)\b)"
)


def wrap(sql: str, width: int = 76, lines: int = 3) -> list[str]:
    """The line broken at `width`, where a clause begins if possible, and cut after `lines` with an
    ellipsis."""
    parts: list[str] = []
    for clause in _CLAUSE.split(sql):
        if parts and len(parts[-1]) + 1 + len(clause) <= width:
            parts[-1] += f" {clause}"
        else:
            parts += textwrap.wrap(clause, width, break_long_words=False, break_on_hyphens=False)
    if len(parts) > lines:
        parts = [
            *parts[: lines - 1],
            textwrap.shorten(" ".join(parts[lines - 1 :]), width, placeholder=" ..."),
        ]
    return parts or [""]


def main_table(sql: str) -> str:
    """The first table named after FROM, or an empty text."""
    found = re.search(r'\bFROM ("[^"]+"|[\w.]+)', one_line(sql), re.IGNORECASE)
    return found.group(1) if found else ""
