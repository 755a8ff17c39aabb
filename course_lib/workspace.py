"""The reader's own copy of the course in `work/`: filled, renewed on request, never overwritten.

`work/notebooks/` holds the lessons without their outputs (a saved output would spoil every prediction), with
the cheat sheet and the glossary; `work/exercises/` the starters, and `work/README.md` the way in. A manifest
remembers what was written, so that a file which the reader has not touched may follow the course, and a
changed one stays as it is.
"""

import contextlib
import hashlib
import json
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock

from course_lib.paths import CourseError, course_root

MANIFEST = ".course.json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE: dict[str, Any] = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
_PICTURE = re.compile(r"(?:!\[[^\]]*\]\(|<img[^>]*?\bsrc=[\"'])([^)\"'\s:#?]+\.(?:png|svg|jpe?g|gif|webp))")


@dataclass
class Filled:
    """What one filling did, as file names relative to `work/`."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Files that the reader has changed and of which the course has a newer version."""


def work_folder() -> Path:
    """The folder of the reader's copy, `work/` in the clone; it need not exist yet."""
    return course_root() / "work"


def without_outputs(notebook: bytes) -> bytes:
    """A notebook's file content without outputs, counts and run-time metadata; stable bytes for equal cells.

    The format is described at https://nbformat.readthedocs.io/en/latest/format_description.html.
    """
    content: dict[str, Any] = json.loads(notebook)
    # What JupyterLab would write when it opens the file: without it every lesson opens with unsaved changes.
    metadata = content.setdefault("metadata", {})
    metadata.pop("widgets", None)
    metadata["kernelspec"] = KERNEL
    metadata["language_info"] = LANGUAGE | {"version": platform.python_version()}
    for cell in content.get("cells", []):
        for noise in ("execution", "trusted", "collapsed"):
            cell.get("metadata", {}).pop(noise, None)
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def mark_of(name: str, content: bytes) -> str:
    """A hash of what a reader would call the content.

    In a notebook these are the cells' sources and whether they have outputs: JupyterLab rewrites the rest
    of the file as soon as it is opened, and that is no change by the reader.
    """
    if name.endswith(".ipynb"):
        with contextlib.suppress(ValueError, AttributeError, TypeError):
            cells = [
                (cell["cell_type"], "".join(cell["source"]), bool(cell.get("outputs")))
                for cell in json.loads(content)["cells"]
            ]
            content = json.dumps(cells).encode()
    return hashlib.sha256(content).hexdigest()


def originals() -> dict[str, bytes]:
    """Every file that belongs in `work/`, by its name there, with the content that a new reader gets."""
    root = course_root()
    found = {
        f"{folder}/{path.name}": without_outputs(path.read_bytes())
        for folder in ("notebooks", "exercises")
        for path in sorted((root / folder).glob("[!.]*.ipynb"))
    }
    for page in sorted((root / "notebooks").glob("[!.]*.md")):
        found[f"notebooks/{page.name}"] = page.read_bytes()
    readme = root / "README.md"
    if readme.is_file():
        found["README.md"] = readme.read_bytes()
        for name in sorted(set(_PICTURE.findall(readme.read_text(encoding="utf-8")))):
            picture = (root / name).resolve()
            if picture.is_relative_to(root) and picture.is_file():
                found[PurePosixPath(picture.relative_to(root)).as_posix()] = picture.read_bytes()
    return found


def fill() -> Filled:
    """Bring `work/` up to date without touching anything that the reader has changed.

    Missing files are added. A file whose original changed is renewed if the reader left it alone, else it is
    kept and named in `Filled.kept`. Safe to interrupt and safe against a second filling at the same time.

    Raises:
        CourseError: the folder cannot be written, or its disk is full.
    """
    report = Filled()
    with _writing() as work:
        manifest = _read_manifest(work)
        for name, content in originals().items():
            target, mark = work / name, mark_of(name, content)
            present = mark_of(name, target.read_bytes()) if target.exists() else None
            if present is None:
                report.added.append(name)
            elif present == mark:
                manifest[name] = mark
                continue
            elif present == manifest.get(name):
                report.updated.append(name)
            else:
                report.kept.append(name)
                continue
            _write(target, content)
            manifest[name] = mark
        _write(work / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    return report


def renew(wanted: str) -> tuple[str, str | None]:
    """Give one file of `work/` back its original content; the reader's version stays beside it.

    `wanted` is a path (as typed in a shell, or as seen in JupyterLab), a name or a lesson's number, such as
    `work/exercises/09_lazy_loading.ipynb`, `exercises/09_lazy_loading` or `notebooks/09`.

    Returns:
        The file's name and that of the kept version (None if there was nothing to keep), relative to `work/`.

    Raises:
        CourseError: no file or several files match, or the folder cannot be written.
    """
    files = originals()
    name = _find(wanted, list(files))
    kept: str | None = None
    with _writing() as work:
        target = work / name
        if target.exists() and mark_of(name, target.read_bytes()) != mark_of(name, files[name]):
            backup = _free_name(target)
            target.replace(backup)
            kept = backup.relative_to(work).as_posix()
        _write(target, files[name])
        manifest = _read_manifest(work)
        manifest[name] = mark_of(name, files[name])
        _write(work / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    return name, kept


def _find(wanted: str, names: list[str]) -> str:
    work = work_folder()
    typed = Path(wanted).expanduser()
    for folder in (Path.cwd(), work):
        with contextlib.suppress(ValueError):
            wanted = (folder / typed).resolve().relative_to(work.resolve()).as_posix()
            break
    wanted = wanted.replace("\\", "/").removeprefix("./").removeprefix("work/")
    if wanted in names:
        return wanted
    folder_part, _, last = wanted.rpartition("/")
    last = last.removesuffix(".ipynb")
    matches = [
        name
        for name in names
        if (stem := PurePosixPath(name).stem)
        and (stem == last or re.match(rf"{re.escape(last)}_", stem))
        and (not folder_part or name.startswith(folder_part + "/"))
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise CourseError(
            f"{wanted} could be {' or '.join(matches)}. Nothing was changed. Name one of them in full."
        )
    raise CourseError(
        f"The course has no file {wanted} in work/. Nothing was changed. "
        "Name one such as notebooks/09_lazy_loading.ipynb or exercises/09_lazy_loading.ipynb."
    )


def _free_name(target: Path) -> Path:
    for number in range(1, 10_000):
        candidate = target.with_name(f"{target.stem}.yours-{number}{target.suffix}")
        if not candidate.exists():
            return candidate
    raise CourseError(f"{target.name} has 9999 kept versions. Nothing was changed. Delete some of them.")


@contextlib.contextmanager
def _writing() -> Iterator[Path]:
    work = work_folder()
    try:
        work.mkdir(exist_ok=True)
        with FileLock(work / ".course.lock", timeout=60):
            yield work
    except OSError as problem:
        raise CourseError(
            f"The folder work/ cannot be written ({problem.strerror or problem}), so your copy of the "
            "lessons cannot be filled. Free some space on its disk, or copy the course to a folder that "
            "belongs to you, and run the command again."
        ) from problem


def _read_manifest(work: Path) -> dict[str, str]:
    try:
        content = json.loads((work / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.new")
    half.write_bytes(content)
    half.replace(target)
