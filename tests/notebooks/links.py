"""Every relative link and every anchor in the course's texts, and whether they lead anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import mistune

from tests.harness import read

SOURCE = re.compile(r"<(?:img|a)\b[^>]*?\b(?:src|href)=[\"']([^\"']+)")


def texts(path: Path) -> list[str]:
    """The markdown in a file: a markdown file's one text, a notebook's markdown cells."""
    if path.suffix == ".ipynb":
        return [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    return [path.read_text(encoding="utf-8")]


def _tokens(source: str) -> Iterator[dict[str, Any]]:
    pending: list[Any] = list(mistune.create_markdown(renderer="ast", plugins=["table"])(source))
    while pending:
        token = pending.pop(0)
        yield token
        pending[:0] = token.get("children", [])


def plain(token: dict[str, Any]) -> str:
    """The text of a token without its marks."""
    if "children" in token:
        return "".join(plain(child) for child in token["children"])
    return str(token.get("raw", ""))


def links(source: str) -> list[str]:
    """Targets of links and pictures, also of those written in HTML."""
    found = [token["attrs"]["url"] for token in _tokens(source) if token["type"] in ("link", "image")]
    return found + SOURCE.findall(source)


def anchors(path: Path) -> set[str]:
    """What a link may name behind `#`: as JupyterLab writes it, in markdown files also as GitHub does."""
    titles = [plain(token) for text in texts(path) for token in _tokens(text) if token["type"] == "heading"]
    names = {title.replace(" ", "-") for title in titles}
    if path.suffix == ".md":
        names |= {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    return names


def broken(path: Path, *, root: Path) -> list[str]:
    """Links of a file that lead nowhere, or out of the clone `root`."""
    faults = []
    for target in (link for text in texts(path) for link in links(text)):
        parts = urlsplit(target)
        if parts.scheme in ("https", "mailto"):
            continue
        if parts.scheme or parts.netloc:
            faults.append(f"{target}: only https")
            continue
        file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not file.is_relative_to(root.resolve()) or not file.exists():
            faults.append(f"{target}: no such file")
        elif parts.fragment and unquote(parts.fragment) not in anchors(file):
            faults.append(f"{target}: no such heading; there are {sorted(anchors(file))}")
    return faults
