"""The course's one visual language: colors, frames, tables and SQL, as HTML.

Everything here is self-contained HTML without scripts, ids or outside resources. Colors come from the theme
of JupyterLab, with fallbacks for other viewers, so that one output serves the light and the dark theme. The
same input gives the same HTML at every run, because strict nbval compares it; a picture of figures that
differ from run to run is marked by `varies`, and is left out of the comparison.
"""

from __future__ import annotations

import html as _html
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from course_lib.lens.sqltext import COUNTED, kind_of

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
.cl pre.cl-sql{margin:0;white-space:pre-wrap;line-height:1.4;word-break:normal;overflow-wrap:anywhere}
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
    return f'<div class="cl-banner cl-{tone}" role="note">{rich(text)}</div>'


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
            text = re.sub(r"(?<=\bFOR)\n *(?=UPDATE\b)", " ", text)
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


# Comments, so that nothing is added to what a viewer shows. course_lib.authoring knows these two.
_VARIES, _END = "<!-- varies from run to run -->", "<!-- end of what varies -->"
VARYING = re.compile(f"(?s){re.escape(_VARIES)}.*?{re.escape(_END)}")
"""What `varies` has marked."""


def varies(html: str) -> Html:
    """HTML whose figures or order differ from run to run: strict nbval does not compare it.

    What may be compared belongs into the text form (`__repr__`) of the same output.
    """
    return Html(f"{_VARIES}{html}{_END}")
