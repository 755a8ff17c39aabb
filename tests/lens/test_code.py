"""Text with code in it, and Python code, in the visual language."""

from __future__ import annotations

from course_lib.lens.python_code import python_html
from course_lib.lens.show import rich
from course_lib.lens.statements_view import counted


def test_backticks_become_code_and_the_rest_is_escaped() -> None:
    assert rich("`a < b` & `c`, ` alone") == "<code>a &lt; b</code> &amp; <code>c</code>, ` alone"
    assert rich(rich("`a`")) == "<code>a</code>"
    assert rich("not `over\nlines`") == "not `over\nlines`"


def test_python_is_highlighted_escaped_and_keeps_its_lines() -> None:
    code = "async def f():\n    # <why>\n    return 1 < 2, '<s>'"
    shown = python_html(code)
    assert '<span class="cl-k">async</span>' in shown and '<span class="cl-c"># &lt;why&gt;</span>' in shown
    assert "white-space:pre;" in shown and "cl-scroll" in shown
    assert "<why>" not in shown and "<s>" not in shown
    assert shown.count("\n") == code.count("\n")
    assert "return" in python_html("return (broken")


def test_one_is_no_plural() -> None:
    assert [counted(n, "row") for n in (0, 1, 2, 1200)] == ["0 rows", "1 row", "2 rows", "1,200 rows"]
    assert [counted(n, "country", "countries") for n in (1, 2)] == ["1 country", "2 countries"]
