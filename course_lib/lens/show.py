"""What a notebook makes of the lens, and the only file of it that knows IPython and ipywidgets (which it
imports when it must).

The visual language itself is in `markup`, and can be had from here too.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from course_lib.lens.groups import describe_group
from course_lib.lens.markup import (
    CSS,
    Html,
    Tone,
    banner,
    banner_alone,
    code_html,
    escape,
    panel,
    rich,
    table,
    varies,
)
from course_lib.lens.tracebacks import put_into_cell, show_short

__all__ = [
    "CSS",
    "BarView",
    "Html",
    "Shown",
    "Tone",
    "banner",
    "banner_alone",
    "bar_view",
    "code_html",
    "display",
    "escape",
    "install_error_display",
    "mute_cursor_warning",
    "panel",
    "rich",
    "side_by_side",
    "table",
    "varies",
]


_PROCESS = os.getpid()


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


class BarView(Protocol):
    """What `progress` draws on."""

    def move(self, done: int, place: str) -> None:
        """Show how far it is, as a number and in words."""

    def end(self, words: str, tone: Tone) -> None:
        """Show the last words; there is nothing to stop any more."""


def bar_view(label: str, total: int | None, place: str, stop: Callable[[], None]) -> BarView | None:
    """A bar with a Stop button in a notebook, a line in a terminal, None where nobody looks.

    The saved text of the notebook's bar names the label alone, so that it is the same at every run.
    https://ipywidgets.readthedocs.io/en/stable/examples/Widget%20List.html#intprogress
    """
    if os.getpid() != _PROCESS:
        return None  # an answer that is checked: a fork of the kernel, which must not speak for it
    if hasattr(_shell(), "kernel"):
        return _NotebookBar(label, total, place, stop)
    return _TerminalBar(label) if sys.stderr.isatty() else None


class _NotebookBar:
    def __init__(self, label: str, total: int | None, place: str, stop: Callable[[], None]) -> None:
        import ipywidgets  # type: ignore[import-untyped]
        from IPython.display import display as show_it

        self._label = label
        self._stop = stop
        whole = {"flex": "0 0 auto", "width": "auto"}  # a word that is cut off helps nobody
        self._place = ipywidgets.Label(place, layout=whole)
        self._bar = ipywidgets.IntProgress(value=0, max=total or 1, layout={"width": "18em"})
        tip = "End the work at the next safe place"
        self._button = ipywidgets.Button(description="Stop", tooltip=tip, layout=whole)
        self._button.on_click(self._pressed)
        self._spoken = ipywidgets.HTML()
        drawn = [self._bar] if total else []
        row = [ipywidgets.Label(label, layout=whole), *drawn, self._place, self._button, self._spoken]
        text = f"{label}: a bar that shows how far it is, with a Stop button"
        bundle = ipywidgets.HBox(row, layout={"flex_flow": "row wrap"})._repr_mimebundle_()
        show_it({**bundle, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]

    def _pressed(self, button: Any) -> None:
        button.disabled, button.description = True, "Stopping ..."
        self._stop()

    def move(self, done: int, place: str) -> None:
        self._bar.max = max(self._bar.max, done)
        self._bar.value = done
        self._place.value = place

    def end(self, words: str, tone: Tone) -> None:
        # It stays where it is, disabled: a button that goes takes the keyboard's focus with it.
        self._button.disabled, self._button.description = True, "Ended"
        self._bar.bar_style = {"good": "success", "warn": "warning", "bad": "danger"}.get(tone, "info")
        hidden = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
        self._spoken.value = f'<div role="status" style="{hidden}">{escape(words)}</div>'
        # A widget is gone with its kernel; what it came to is kept in the notebook.
        display(Shown(f"{self._label}: {words}", banner_alone(f"{self._label}: {words}", tone)))


class _TerminalBar:
    def __init__(self, label: str) -> None:
        self._label = label

    def move(self, done: int, place: str) -> None:
        print(f"\r{self._label}: {place}", end="", file=sys.stderr, flush=True)

    def end(self, words: str, tone: Tone) -> None:
        print(f"\r\x1b[K{self._label}: {words}", file=sys.stderr, flush=True)


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
    before = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        # At some moments (in code without builtins) the collector cannot even warn, and says that instead.
        if getattr(unraisable.object, "__qualname__", "") != "Connection.cursor":
            before(unraisable)

    sys.unraisablehook = hook
    return True
