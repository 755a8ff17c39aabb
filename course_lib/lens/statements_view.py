"""How a recording of statements reads: as plain text that is the same at every run, and as HTML."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise

from course_lib.lens import show, sqltext
from course_lib.lens.statements import Group, Pattern, Statement, Statements

MOST_LINES = 20  # of statements; header and sentences come on top


def counted(count: int, word: str, plural: str = "") -> str:
    """`1 row`, `2 rows`, `1,200 rows`; with its plural `1 country`, `2 countries`."""
    return f"{count:,} {word if count == 1 else plural or word + 's'}"


def headline(sql: Statements) -> str:
    """`3 statements, 107 rows`."""
    return f"{counted(sql.sent, 'statement')}, {counted(sql.rows, 'row')}"


def sentence(group: Group) -> str:
    """What a repetition means, in one sentence; empty for fewer than three."""
    if group.count < 3:
        return ""
    verb, which = group.kind, f"statements {_numbers(group.numbers)}"
    match group.pattern:
        case "n+1":
            values = "each time with another value"
            if group.different < group.count:
                values = f"with {group.different:,} different values"
            after = f"N+1: after statement {group.source} came the same {verb} {group.count:,} times"
            return f"{after} ({which}), {values}."
        case "one by one":
            return f"One by one: {which} are the same {verb} with different values."
        case "batches":
            things = "rows" if verb == "INSERT" else "values"
            lengths = [_length(statement) for statement in group.statements]
            return f"In batches: {which} are the same {verb}, for {_listed(lengths)} {things}."
        case "same values":
            return f"Again and again: {which} are the same {verb} with the same values."
        case _:
            return f"Repeated: {which} are the same {verb}."


def _length(statement: Statement) -> int:
    return max(sqltext.list_length(statement.text), sqltext.row_count(statement.text), statement.sets)


def _listed(lengths: list[int]) -> str:
    if len(lengths) > 4:
        return f"{min(lengths):,} to {max(lengths):,}"
    return ", ".join(f"{length:,}" for length in lengths[:-1]) + f" and {lengths[-1]:,}"


def _numbers(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return str(numbers[0])
    if all(after == before + 1 for before, after in pairwise(numbers)):
        return f"{numbers[0]}-{numbers[-1]}"
    return f"{numbers[0]}, ... {numbers[-1]}" if len(numbers) > 3 else ", ".join(map(str, numbers))


def _rows(statements: list[Statement]) -> str:
    if any(statement.failed for statement in statements):
        return "failed"
    if not any(statement.done for statement in statements):
        return "not ended"
    if not any(statement.returns_rows for statement in statements):
        return "-" if statements[0].counted else ""
    return counted(sum(statement.rows for statement in statements), "row")


def _note(statements: list[Statement]) -> str:
    first = statements[0]
    if len(statements) > 2:
        return f"{len(statements):,} x "
    return f"with {first.sets:,} sets of values: " if first.many else ""


def _entries(sql: Statements) -> list[tuple[str, list[Statement]]]:
    """(numbers, statements) of each line: groups of three and more stand where their first statement was
    sent."""
    folded = {id(group.statements[0]): group for group in sql.groups if group.count > 2}
    hidden = {id(item) for group in folded.values() for item in group.statements[1:]}
    entries: list[tuple[str, list[Statement]]] = []
    number = 0
    for statement in sql.everything:
        number += statement.counted
        if id(statement) in folded:
            group = folded[id(statement)]
            entries.append((_numbers(group.numbers), group.statements))
        elif statement.counted and id(statement) not in hidden:
            entries.append((str(number), [statement]))
        elif statement.mark or (not statement.counted and statement.kind not in sqltext.HOUSEKEEPING):
            entries.append(("", [statement]))
    return _fold_marks(entries) if hidden else entries


def _fold_marks(entries: list[tuple[str, list[Statement]]]) -> list[tuple[str, list[Statement]]]:
    """Many marks in a row, left behind where the statements between them were folded, as one line."""
    folded: list[tuple[str, list[Statement]]] = []
    for marks, run in groupby(entries, key=lambda entry: entry[1][0].mark):
        lines = list(run)
        if marks and len(lines) > 4:
            times = Counter(items[0].text for _, items in lines)
            text = ", ".join(f"{count:,} x {word}" if count > 1 else word for word, count in times.items())
            lines = [("", [Statement(text, "", done=True, mark=True)])]
        folded += lines
    return folded


def _more(statements: list[Statement]) -> str:
    """The error they raised and, if they were recorded, their values."""
    errors = sorted({statement.failed for statement in statements if statement.failed})
    shown = [statement.values for statement in statements if statement.values]
    rest = f" and {len(shown) - 3:,} more" if len(shown) > 3 else ""
    parts = [f"raised {', '.join(errors)}"] if errors else []
    return "; ".join([*parts, "values " + ", ".join(shown[:3]) + rest] if shown else parts)


def _sentences(sql: Statements) -> list[tuple[Pattern, str]]:
    """(pattern, sentence) of each repetition, N+1 first; four at most."""
    notes = [(group.pattern, note) for group in sql.repeats if (note := sentence(group))]
    return sorted(notes, key=lambda note: note[0] != "n+1")[:4]


def plain(sql: Statements) -> str:
    """The recording as text: at most about 25 lines, nothing in it that varies between runs."""
    entries = _entries(sql)
    numbers = max((len(number) for number, _ in entries), default=0)
    rows = max((len(_rows(items)) for _, items in entries if not items[0].mark), default=0)
    blocks: list[list[str]] = []
    for number, items in entries:
        head = f"  {number:<{numbers}}  {'' if items[0].mark else _rows(items):>{rows}}  "
        lines = sqltext.wrap(_note(items) + sqltext.shorten(items[0].text), max(48, 100 - len(head)))
        if values := _more(items):
            lines += sqltext.wrap(values)
        blocks.append([head + lines[0], *(" " * len(head) + line for line in lines[1:])])
    return "\n".join([headline(sql), *_cut(blocks), *(note for _, note in _sentences(sql))])


def _cut(blocks: list[list[str]]) -> list[str]:
    """The lines of all blocks, or of the first ones and the last one with a line in between that counts the
    rest."""
    if sum(map(len, blocks)) <= MOST_LINES:
        return [line for block in blocks for line in block]
    room = MOST_LINES - 1 - len(blocks[-1])
    kept: list[str] = []
    shown = 0
    for block in blocks[:-1]:
        if len(kept) + len(block) > room:
            break
        kept += block
        shown += 1
    left_out = len(blocks) - 1 - shown
    return [*kept, f"  ... {counted(left_out, 'line')} like these not shown ...", *blocks[-1]]


def _sql_cell(items: list[Statement]) -> show.Html:
    code = show.code_html(sqltext.collapse(items[0].text))
    values = _more(items)
    extra = f'<div class="cl-dim">{show.escape(values)}</div>' if values else ""
    if items[0].many and len(items) < 3:
        note = _note(items).rstrip(": ")
        code = show.Html(f'<div class="cl-dim">{show.escape(note)}</div>{code}')
    if len(items) < 3:
        return show.Html(code + extra)
    rows = [f"{item.rows:,}" for item in items if item.returns_rows]
    more = f" and {len(rows) - 40:,} more" if len(rows) > 40 else ""
    each = f"Rows of each, in order: {', '.join(rows[:40])}{more}." if rows else "None of them fetched rows."
    return show.Html(
        f"<details><summary><strong>{len(items):,} x</strong> "
        f"<code>{show.escape(sqltext.shorten(items[0].text))}</code></summary>{code}"
        f'<div class="cl-dim">{show.escape(each)}</div>{extra}</details>'
    )


def html(sql: Statements) -> str:
    """The recording in the course's visual language; holds nothing that varies between runs."""
    entries = _entries(sql)
    left_out = len(entries) - 40
    rows = [
        (number or "-", "" if items[0].mark else _rows(items), _sql_cell(items)) for number, items in entries
    ]
    if left_out > 0:
        rows = [*rows[:39], ("...", "", show.Html(f"{left_out + 1:,} lines not shown")), rows[-1]]
    banners = "".join(
        show.banner(note, "warn" if kind == "n+1" else "plain") for kind, note in _sentences(sql)
    )
    body = show.table(
        ("No", "Rows", "SQL"), rows, caption="Statements in the order in which they were sent", fill=True
    )
    return show.panel(headline(sql), banners + (body if rows else ""))
