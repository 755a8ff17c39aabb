"""The course's one visual language, and the only file of the lens that knows IPython (which it imports when
it must).

Everything here is self-contained HTML without scripts, ids or outside resources. Colors come from the theme
of JupyterLab, with fallbacks for other viewers, so that one output serves the light and the dark theme. The
same input gives the same HTML at every run, because strict nbval compares it.
"""

from __future__ import annotations

import html as _html
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy.exc import SQLAlchemyError

from course_lib.lens.groups import describe_group
from course_lib.lens.sqltext import COUNTED, kind_of
from course_lib.lens.tracebacks import put_into_cell, show_short

__all__ = [
    "CSS",
    "Html",
    "Shown",
    "Tone",
    "banner",
    "banner_alone",
    "code_html",
    "display",
    "escape",
    "install_error_display",
    "panel",
    "rich",
    "side_by_side",
    "table",
]

Tone = Literal["plain", "good", "warn", "bad"]

CSS = """
.cl{--cl-fg:var(--jp-content-font-color1,var(--vscode-foreground,inherit));
--cl-dim:var(--jp-content-font-color2,var(--vscode-descriptionForeground,#767676));
--cl-line:var(--jp-border-color2,#8886);--cl-soft:var(--jp-layout-color2,#8881);
--cl-good:var(--jp-success-color1,#2e7d32);--cl-warn:var(--jp-warn-color1,#c77700);
--cl-bad:var(--jp-error-color1,#c62828);
--cl-mark:var(--jp-info-color1,#0277bd);
--cl-mono:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);
color:var(--cl-fg);font-size:13px;line-height:1.45;margin:2px 0 8px;max-width:100%}
.cl .cl-panel{border:1px solid var(--cl-line);border-left:4px solid var(--cl-line);border-radius:3px;
padding:8px 12px}
.cl .cl-good,.cl .cl-banner.cl-good{border-left-color:var(--cl-good)}
.cl .cl-warn,.cl .cl-banner.cl-warn{border-left-color:var(--cl-warn)}
.cl .cl-bad,.cl .cl-banner.cl-bad{border-left-color:var(--cl-bad)}
.cl .cl-title{font-weight:600;font-size:14px;margin:0 0 6px}
.cl .cl-banner{border-left:4px solid var(--cl-line);background:var(--cl-soft);padding:4px 10px;margin:0 0 8px}
.cl .cl-dim{color:var(--cl-dim);font-size:12px}
.cl .cl-scroll{overflow-x:auto}
.cl table.cl-t{border-collapse:collapse;border:0;margin:0;table-layout:auto;font-size:13px}
.cl table.cl-t:has(.cl-w){width:100%}
.cl table.cl-t caption{caption-side:top;text-align:left;color:var(--cl-dim);font-size:12px;padding:0 0 4px}
.cl table.cl-t tr{background:none}
.cl table.cl-t th,.cl table.cl-t td{text-align:left;vertical-align:top;padding:4px 14px 4px 0;border:0;
border-top:1px solid var(--cl-line);background:none;max-width:none;white-space:normal;color:var(--cl-fg)}
.cl table.cl-t thead th{border-top:0;white-space:nowrap;color:var(--cl-dim);font-weight:600;font-size:12px}
.cl table.cl-t .cl-n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.cl table.cl-t .cl-w{width:99%;padding-right:0}
.cl code,.cl pre{font-family:var(--cl-mono);font-size:12.5px;background:none;color:inherit;padding:0;border:0}
.cl pre.cl-sql{margin:0;white-space:pre-wrap;line-height:1.4;overflow-wrap:anywhere}
.cl details{margin:0}.cl summary{cursor:pointer}.cl details[open]>summary{margin-bottom:6px}
.cl .cl-k{color:var(--jp-mirror-editor-keyword-color,var(--cl-mark));font-weight:600}
.cl .cl-s{color:var(--jp-mirror-editor-string-color,var(--cl-bad))}
.cl .cl-p{color:var(--jp-mirror-editor-number-color,var(--cl-good));font-weight:600}
.cl .cl-c{color:var(--cl-dim);font-style:italic}
.cl .cl-side{display:flex;flex-wrap:wrap;gap:12px}.cl .cl-side>section{flex:1 1 320px;min-width:0}
.cl .cl-side h4{margin:0 0 4px;font-size:13px;font-weight:600;color:var(--cl-fg)}
.cl svg{max-width:100%;height:auto;display:block}
.cl svg text{fill:var(--jp-content-font-color1,var(--vscode-foreground,currentColor));font-family:inherit;
font-size:12px}
.cl svg .cl-dim{fill:var(--cl-dim)}
.cl svg .cl-rule{stroke:var(--cl-line);stroke-width:1}
.cl svg .cl-bar{fill:var(--cl-mark);fill-opacity:.28;stroke:var(--cl-mark)}
.cl svg .cl-lost{fill:var(--cl-bad);fill-opacity:.2;stroke:var(--cl-bad);stroke-dasharray:4 3}
""".strip()


class Html(str):
    """Text that is HTML already; `table` escapes everything else."""

    __slots__ = ()


def escape(text: object) -> str:
    """The text with `<`, `>`, `&` and quotes made harmless."""
    return text if isinstance(text, Html) else _html.escape(str(text))


def rich(text: object) -> Html:
    """The text as HTML, with what stands between backticks shown as code: "call `scalars` first"."""
    return Html(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text)))


def banner(text: str, tone: Tone = "plain") -> str:
    """A line that stands out. The text must say by itself what the color says."""
    return f'<div class="cl-banner cl-{tone}" role="note">{escape(text)}</div>'


def banner_alone(text: str, tone: Tone = "plain") -> str:
    """A banner as a whole output, with the style it needs."""
    return f'<div class="cl"><style>{CSS}</style>{banner(text, tone)}</div>'


def panel(title: str, body_html: str, tone: Tone = "plain") -> str:
    """The frame around everything that the course displays: a title, the body, and the style it needs."""
    name = escape(title)
    return (
        f'<div class="cl"><style>{CSS}</style><section class="cl-panel cl-{tone}" aria-label="{name}">'
        f'<div class="cl-title">{name}</div>{body_html}</section></div>'
    )


def table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = "", fill: bool = False
) -> str:
    """A table with a caption. Cells are escaped unless they are `Html`.

    Columns named `No` or `Rows` stand to the right; with `fill` the last column takes all the room there is.
    """
    right = {index for index, name in enumerate(headers[:-1]) if name in ("No", "Rows")}

    def classes(index: int) -> str:
        if index in right:
            return ' class="cl-n"'
        return ' class="cl-w"' if fill and index == len(headers) - 1 else ""

    head = "".join(
        f'<th scope="col"{classes(index)}>{escape(name)}</th>' for index, name in enumerate(headers)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{classes(index)}>{escape(cell)}</td>" for index, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    label = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="cl-scroll"><table class="cl-t">{label}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def code_html(sql: str) -> Html:
    """SQL laid out by sqlparse and highlighted; as it is, if sqlparse cannot lay it out."""
    import sqlparse
    from sqlparse import tokens
    from sqlparse.exceptions import SQLParseError

    try:
        text = sql.strip().expandtabs(2)
        if kind_of(sql) in COUNTED:  # SQLAlchemy lays out DDL well by itself
            text = sqlparse.format(" ".join(sql.split()), reindent=True, wrap_after=76, indent_width=2)
            text = re.sub(r"\n *(?=(?:OFFSET|RETURNING)\b)", " ", text)
            text = re.sub(r",\n {24,}(?=\w+[,)])", ", ", text)
            text = re.sub(r"(?<=\bFROM)\n +(?=\()", " ", text)
        parsed: list[Any] = list(sqlparse.parse(text))
        leaves = [leaf for statement in parsed for leaf in statement.flatten()]
    except (SQLParseError, RecursionError):
        return Html(f'<pre class="cl-sql">{escape(sql)}</pre>')
    styles = (
        (tokens.Keyword, "k"),
        (tokens.Literal.String, "s"),
        (tokens.Name.Placeholder, "p"),
        (tokens.Comment, "c"),
    )
    parts: list[str] = []
    for leaf in leaves:
        style = next((name for kind, name in styles if leaf.ttype in kind), None)
        words = _html.escape(leaf.value)
        parts.append(f'<span class="cl-{style}">{words}</span>' if style else words)
    return Html(f'<pre class="cl-sql">{"".join(parts)}</pre>')


class Shown:
    """Something with a text and an HTML form."""

    def __init__(self, text: str, html: str) -> None:
        self._text = text
        self._html = html

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return self._html


def side_by_side(**named: Any) -> Shown:
    """Several recordings next to each other, each under its name (`before=a, after=b`); one below the other
    as text.

    Names show underscores as spaces. Give it as the last expression of a cell.
    """
    texts, sections = [], []
    for key, thing in named.items():
        name = key.replace("_", " ")
        text = repr(thing)
        texts.append(f"== {name} ==\n{text}")
        draw = getattr(thing, "_repr_html_", None)
        inner = draw() if draw is not None else None
        inner = (inner or f"<pre>{escape(text)}</pre>").replace(f"<style>{CSS}</style>", "")
        sections.append(f'<section aria-label="{escape(name)}"><h4>{escape(name)}</h4>{inner}</section>')
    body = f'<div class="cl"><style>{CSS}</style><div class="cl-side">{"".join(sections)}</div></div>'
    return Shown("\n\n".join(texts), body)


def display(thing: object) -> None:
    """Show it: through IPython where there is one, otherwise as printed text."""
    if _shell() is None:
        print(repr(thing))
        return
    from IPython.display import display as show_it

    show_it(thing)  # type: ignore[no-untyped-call]


def _shell() -> Any:
    """The running IPython shell, or None; IPython is not imported when nobody has done so before."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()


def _show_error(
    shell: Any, etype: type[BaseException], value: Any, trace: Any, tb_offset: Any = None
) -> list[str]:
    if not isinstance(value, BaseExceptionGroup):
        return show_short(shell, etype, value, trace, tb_offset)
    # IPython prints an escaped group as plain text, so that neither a reader nor a test run sees an error.
    # A handler that returns its lines is not enough: the shell does not show them.
    try:
        lines = describe_group(value)
    except Exception:
        lines = [f"{etype.__name__}: several errors at once; a message of theirs could not be read"]
        value = etype.__name__
    put_into_cell(shell, etype, value, lines)
    return lines


def install_error_display() -> bool:
    """Show an ExceptionGroup that escapes from a cell as an error output with the tree of its errors, and
    SQLAlchemy's errors without the frames inside libraries, which fill several screens.

    True when a shell was there to install it in; safe to call again. Importing `course_lib.lens` in a
    notebook does it.
    https://ipython.readthedocs.io/en/stable/api/generated/IPython.core.interactiveshell.html
    """
    shell = _shell()
    if shell is None:
        return False
    try:
        shell.set_custom_exc((BaseExceptionGroup, SQLAlchemyError), _show_error)
    except Exception:
        return False
    return True


def mute_cursor_warning() -> bool:
    """Keep one warning out of a notebook: aiosqlite's cursor that was made and never awaited.

    It follows every MissingGreenlet on SQLite, at a moment the garbage collector chooses, so it would turn
    up under a cell that has nothing to do with it. The error itself has said everything. True when a shell
    was there; outside a notebook nothing changes.
    https://docs.python.org/3/library/warnings.html#warnings.filterwarnings
    """
    if _shell() is None:
        return False
    message = "coroutine 'Connection.cursor' was never awaited"
    warnings.filterwarnings("ignore", message=message, category=RuntimeWarning)
    return True
