"""Python code in the course's visual language."""

from __future__ import annotations

from course_lib.lens.show import Html, escape

# Long lines are scrolled to: a notebook's own style would break them in the middle of a word.
_PRE = "white-space:pre;word-break:normal;overflow-wrap:normal;margin:0;line-height:1.4"


def python_html(code: str) -> Html:
    """Python code, highlighted by Pygments in the colors of the theme, each line unbroken.

    https://pygments.org/docs/tokens/
    """
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
    from pygments.token import Comment, Keyword, Number, Operator, String  # type: ignore[import-untyped]

    styles = ((Keyword, "k"), (Operator.Word, "k"), (String, "s"), (Number, "p"), (Comment, "c"))
    parts: list[str] = []
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        style = next((name for token, name in styles if kind in token), "")
        words = escape(text)
        parts.append(f'<span class="cl-{style}">{words}</span>' if style else words)
    return Html(f'<div class="cl-scroll"><pre class="cl-python" style="{_PRE}">{"".join(parts)}</pre></div>')
