"""Make the course's `.venv`, install the course into it, and hand over to the `course` command.

`make lab` and `make test` call this file. It needs a Python and its standard library, nothing else, and it is
written so that even Python 3.6 can read it: an old Python then gets a sentence instead of a SyntaxError.

    python3 bootstrap.py lab [options of `course lab`]    set up, then open the course
    python3 bootstrap.py setup                            set up only
    python3 bootstrap.py dev                              set up with the tools that `make test` needs
    python3 bootstrap.py uv ARGS                          run the pinned uv (authors: `make constraints`)

A stamp file is written last and holds a hash of what was installed, so a second run needs neither time
nor network. A mark that stands while the set-up runs lets the next run notice an interrupted one and
start it afresh.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Dict, Iterator, List, NoReturn, Optional, Tuple

UV = "uv==0.13.9"  # the one place that names uv's version
OLDEST = (3, 11)
NEWER_NAMES = ("python3.13", "python3.12", "python3.11", "python3.14")
NEEDED_MB = 700

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
UNFINISHED = VENV / ".course-unfinished"

FULL = ("No space left on device", "os error 28", "Errno 28", "Disk quota exceeded", "os error 122")
READ_ONLY = ("Read-only file system", "Permission denied", "os error 30", "os error 13")
OFFLINE = (
    "error sending request",
    "dns error",
    "client error (Connect)",
    "Name or service not known",
    "name resolution",
    "Connection refused",
    "NewConnectionError",
    "Network is unreachable",
    "Network connectivity is disabled",
    "timed out",
)


class Trouble(Exception):
    """Something the reader can mend; its text says what happened, what it means and what to do."""


def say(text: str) -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


def version_text(version: Tuple[int, ...]) -> str:
    """(3, 11) as "3.11"."""
    return ".".join(str(part) for part in version)


# --- a Python that is new enough


def newer_python() -> Optional[str]:
    """Path of a Python that is new enough and answers, looked up by its usual names."""
    for name in NEWER_NAMES:
        found = shutil.which(name)
        if found:
            code = f"import sys; sys.exit(sys.version_info[:2] < {OLDEST!r})"
            quiet = subprocess.DEVNULL
            if subprocess.call([found, "-c", code], stdout=quiet, stderr=quiet) == 0:
                return found
    return None


def require_python(arguments: List[str]) -> None:
    """Go on in a newer Python when this one is too old, or say what is missing."""
    if sys.version_info[:2] >= OLDEST:
        return
    found = newer_python()
    if found:
        hand_over([found, str(ROOT / "bootstrap.py"), *arguments])
    needed = version_text(OLDEST)
    raise Trouble(
        f"This is Python {version_text(sys.version_info[:3])}, and the course needs {needed} or newer. "
        f"No newer one was found on this machine. Install Python {needed} or newer and run the command "
        "again; if it has another name, say so: make lab PYTHON=/path/to/python."
    )


def require_venv_module() -> None:
    """Debian and Ubuntu cut `ensurepip` out of Python; name the package that brings it back."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = f"python{version_text(sys.version_info[:2])}-venv"
        raise Trouble(
            "This Python lacks its venv module, so the course cannot make a folder for its packages. "
            f"On Debian and Ubuntu it is a package of its own: run apt-get install {package} "
            "(or python3-venv) as administrator, then run the command again."
        ) from None


# --- the folder and its disk


def full_disk(free: str) -> Trouble:
    """The sentence for a full disk."""
    return Trouble(
        f"The disk that holds this folder is full ({free}), and the course's packages need about "
        f"{NEEDED_MB} MB. Free some space, or move the folder to a larger disk, and run the command again."
    )


def read_only(detail: str) -> Trouble:
    """The sentence for a folder that cannot be written."""
    return Trouble(
        f"The course's folder cannot be written ({detail}), so its packages cannot be installed there. "
        "Copy the folder to a place that belongs to you, and run the command again there."
    )


def require_room() -> None:
    """Try the folder before the long work begins."""
    try:
        with tempfile.TemporaryFile(dir=str(ROOT)) as probe:
            probe.write(b"x" * 4096)
    except OSError as problem:
        if any(sign in str(problem) for sign in FULL):
            raise full_disk("no space left") from None
        raise read_only(str(problem.strerror)) from None
    free = shutil.disk_usage(str(ROOT)).free // 2**20
    if not VENV.exists() and free < NEEDED_MB:
        raise full_disk(f"{free} MB free")


def from_text(text: str) -> Optional[Trouble]:
    """The trouble that a tool's output tells of, if it is one we know."""
    if any(sign in text for sign in FULL):
        return full_disk("no space left")
    if any(sign in text for sign in READ_ONLY):
        return read_only("the system refused a write")
    if shutil.disk_usage(str(ROOT)).free < 20 * 2**20:
        return full_disk("no space left")  # some tools keep the reason to themselves
    if any(sign in text for sign in OFFLINE):
        return Trouble(
            "The package index did not answer, so the course's packages could not be fetched. "
            "Check the network (and a proxy, if you need one), then run the command again. "
            "If pip installs packages on this machine, its settings are used here too."
        )
    return None


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second set-up in this folder wait for the first one (where the system can lock a folder)."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(str(ROOT), os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is at work in this folder; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(handle)


# --- running the tools


def inside(program: str) -> Path:
    """Path of a program in the `.venv`."""
    return VENV / ("Scripts" if os.name == "nt" else "bin") / (program + (".exe" if os.name == "nt" else ""))


def run(command: List[str], env: Dict[str, str]) -> Tuple[int, str]:
    """Run a long command; pass on its milestones, say every ten seconds that it lives, keep its output."""
    milestone = re.compile(r"^(Resolved|Downloading|Prepared|Installed|Bytecode|Successfully installed)\b")
    process = subprocess.Popen(
        command,
        env=env,
        cwd=str(ROOT),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    lines = []  # type: List[str]
    said = [time.monotonic()]

    def listen() -> None:
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            lines.append(line)
            if milestone.match(line):
                said[0] = time.monotonic()
                say("  " + line[:100])

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    started = time.monotonic()
    try:
        while process.poll() is None:
            time.sleep(0.05)
            if time.monotonic() - said[0] > 10:
                said[0] = time.monotonic()
                say(f"  still at it, {said[0] - started:.0f} s")
    except BaseException:
        process.terminate()
        process.wait()
        raise
    listener.join(5)
    return process.returncode, "\n".join(lines)


def hand_over(command: List[str]) -> NoReturn:
    """Become another command (on Windows: run it and leave with its answer)."""
    sys.stdout.flush()
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


# --- what pip is told, uv is told


def pip_settings(listing: str) -> Dict[str, str]:
    """`pip config list` as a dict; what is meant for `install` beats `global`, the environment beats both."""
    import ast

    ranks = {"global": 0, "install": 1, ":env:": 2}
    best = {}  # type: Dict[str, Tuple[int, str]]
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section not in ranks:
            continue
        try:
            text = str(ast.literal_eval(value)).strip()
        except (ValueError, SyntaxError):
            continue
        if name not in best or ranks[section] >= best[name][0]:
            best[name] = (ranks[section], text)
    return {name: text for name, (_, text) in best.items() if text}


def known_settings(env: Dict[str, str]) -> Dict[str, str]:
    """What the `.venv`'s pip has been told, in its files and in the environment."""
    listing = subprocess.run(
        [str(inside("python")), "-m", "pip", "config", "list"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return pip_settings(listing.stdout.decode("utf-8", "replace"))


def for_uv(settings: Dict[str, str], env: Dict[str, str]) -> Dict[str, str]:
    """The environment in which uv does what pip's settings say. They hold secrets and are never printed."""
    told = {}
    if not any(name in env for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")):
        if "index-url" in settings:
            told["UV_DEFAULT_INDEX"] = settings["index-url"]
        if "extra-index-url" in settings:
            told["UV_INDEX"] = " ".join(settings["extra-index-url"].split())
            told["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip chooses among indexes
    if "find-links" in settings:
        told["UV_FIND_LINKS"] = ",".join(settings["find-links"].split())
    if "cert" in settings:
        told["SSL_CERT_FILE"] = settings["cert"]
    if "client-cert" in settings:
        told["SSL_CLIENT_CERT"] = settings["client-cert"]
    if "trusted-host" in settings:
        told["UV_INSECURE_HOST"] = " ".join(settings["trusted-host"].split())
    if "proxy" in settings:
        told["ALL_PROXY"] = settings["proxy"]
    if "timeout" in settings or "default-timeout" in settings:
        told["UV_HTTP_TIMEOUT"] = settings.get("timeout", settings.get("default-timeout", "")).split(".")[0]
    merged = dict(env)
    for name, value in told.items():
        merged.setdefault(name, value)
    return merged


def tool_environment() -> Dict[str, str]:
    """An environment in which pip and uv write into the `.venv` and nowhere else."""
    env = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "UV_SYSTEM_PYTHON", "VIRTUAL_ENV"):
        env.pop(name, None)
    env.update(
        PIP_USER="0", PIP_ROOT_USER_ACTION="ignore", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1"
    )
    env.update(UV_PYTHON_DOWNLOADS="never", PYTHONUTF8="1")
    home = os.path.expanduser("~")  # noqa: PTH111 (the Path way fails without a home)
    cache = env.get("UV_CACHE_DIR") or str(Path(env.get("XDG_CACHE_HOME") or Path(home, ".cache"), "uv"))
    try:
        Path(cache).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            pass
    except OSError:
        env["UV_NO_CACHE"] = "1"  # a home that cannot be written, or a full one
    return env


# --- the .venv


def venv_version() -> Optional[str]:
    """The version its Python answers with, or None when there is no working Python in the `.venv`."""
    try:
        code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
        answer = subprocess.run(
            [str(inside("python")), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None
    return answer.stdout.decode().strip() if answer.returncode == 0 else None


def fingerprint(version: Optional[str]) -> str:
    """A hash of everything that decides what is in the `.venv`."""
    digest = hashlib.sha256()
    for part in (
        (ROOT / "pyproject.toml").read_bytes(),
        (ROOT / "constraints.txt").read_bytes(),
        UV.encode(),
        str(version).encode(),
    ):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def place() -> str:
    """A hash of the folder's path: a `.venv` does not survive a move."""
    return hashlib.sha256(str(ROOT).encode("utf-8", "surrogateescape")).hexdigest()


def stamp_file(extra: str) -> Path:
    """The stamp for the readers' packages ("") or for the tools of `make test` ("dev")."""
    return VENV / ".course-stamp{}".format("-" + extra if extra else "")


def stamped(extra: str) -> Optional[List[str]]:
    """What the stamp says: fingerprint and place; None without a stamp."""
    try:
        return stamp_file(extra).read_text().split()
    except OSError:
        return None


def is_ready(extra: str) -> bool:
    """True when the `.venv` holds what this version of the course asks for, at this place."""
    if UNFINISHED.exists() or not stamped(extra):
        return False
    return stamped(extra) == [fingerprint(venv_version()), place()]


def must_be_rebuilt() -> bool:
    """True for a `.venv` that is half made, moved, or whose Python is gone or changed."""
    version = venv_version()
    if UNFINISHED.exists() or version is None:
        return True
    if any(stamp is not None and stamp[1:] != [place()] for stamp in (stamped(""), stamped("dev"))):
        return True
    library = "Lib" if os.name == "nt" else "lib/python{}".format(".".join(version.split(".")[:2]))
    too_old = tuple(int(part) for part in version.split(".")[:2]) < OLDEST
    return too_old or not (VENV / library / "site-packages" / "pip").is_dir()


def make_venv(env: Dict[str, str]) -> None:
    """A new, empty `.venv`, with the unfinished mark in it from the first moment."""
    if VENV.exists():
        say("Removing a half-made .venv.")
        shutil.rmtree(str(VENV))
    say(f"Making .venv with Python {version_text(sys.version_info[:3])} ...")
    VENV.mkdir()
    UNFINISHED.touch()
    code, output = run([sys.executable, "-m", "venv", str(VENV)], env)
    if code != 0:
        raise from_text(output) or Trouble(
            "Python could not make the folder .venv for the course's packages. It said:\n"
            f"{last_lines(output, {})}\n"
            "Delete .venv and run the command again; if it fails again, try another Python: "
            "make lab PYTHON=/path/to/python."
        )


def last_lines(output: str, settings: Dict[str, str], count: int = 12) -> str:
    """The end of a tool's output, without the addresses of the reader's package index."""
    for value in settings.values():
        for piece in value.split():
            if "://" in piece:
                output = output.replace(piece.rstrip("/"), "<package index>")
    output = re.sub(r"\b[a-z+]+://[^\s'\"`)>]+", "<address>", output)
    return "\n".join("    " + line for line in output.strip().splitlines()[-count:])


def install_uv(env: Dict[str, str]) -> bool:
    """The pinned uv in the `.venv`; False when it cannot be had as a ready-made wheel."""
    marker = VENV / ".course-uv"
    with contextlib.suppress(OSError):
        if marker.read_text() == UV and inside("uv").exists():
            return True
    say("Installing the installer (uv) ...")
    pip = [
        str(inside("python")),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--only-binary=:all:",
        "--retries",
        "1",
        UV,
    ]
    code, output = run(pip, env)
    if code == 0:
        marker.write_text(UV)
    elif any(sign in output for sign in FULL):
        raise full_disk("no space left")
    return code == 0


def install(extra: str, env: Dict[str, str]) -> None:
    """The course and its pinned packages, through uv, or through pip where uv fails."""
    settings = known_settings(env)
    target = ["-c", "constraints.txt", "-e", f".[{extra}]" if extra else "."]
    has_uv = install_uv(env)
    say("Installing the course and its packages (a minute on a first run) ...")
    code, output = 1, ""
    if has_uv:
        python = ["--python", str(inside("python"))]
        command = [str(inside("uv")), "pip", "install", "--compile-bytecode", "--no-progress"]
        code, output = run(command + python + target, for_uv(settings, env))
        if any(sign in output for sign in FULL) and code != 0:
            raise full_disk("no space left")
    if code != 0:
        say("  uv could not do it; trying pip, which takes longer ...")
        command = [str(inside("python")), "-m", "pip", "install", "--progress-bar=off", "--retries", "1"]
        code, output = run(command + target, env)
    if code != 0:
        raise from_text(output) or Trouble(
            "The course's packages could not be installed. The installer said:\n"
            f"{last_lines(output, settings)}\n"
            "Run the command again; if it fails again, try the conda route in the README."
        )


def prepare(extra: str) -> None:
    """Bring the `.venv` to what `extra` asks for; do nothing when the stamp says that it is there."""
    if is_ready(extra):
        return
    with one_at_a_time():
        if is_ready(extra):
            return
        require_venv_module()
        require_room()
        started = time.monotonic()
        env = tool_environment()
        if must_be_rebuilt():
            make_venv(env)
        usable = not UNFINISHED.exists()  # it held a finished set-up before this run
        UNFINISHED.touch()
        try:
            install(extra, env)
        except Trouble as trouble:
            if usable and "full" not in str(trouble):
                UNFINISHED.unlink()  # nothing was changed: the packages were not fetched
            raise
        text = f"{fingerprint(venv_version())}\n{place()}\n"
        for name in {"", extra}:
            stamp_file(name).write_text(text)
        UNFINISHED.unlink()
        say(f"Set up in {time.monotonic() - started:.0f} s.")


def main(arguments: List[str]) -> int:
    """Do one command; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a path may hold letters that the terminal lacks
    commands = ("lab", "setup", "dev", "uv")
    if not arguments or arguments[0] not in commands:
        print("usage: python3 bootstrap.py {}".format("|".join(commands)), file=sys.stderr)
        return 2
    command, rest = arguments[0], arguments[1:]
    try:
        require_python(arguments)
        if command == "uv":
            if must_be_rebuilt():
                make_venv(tool_environment())
                UNFINISHED.unlink()
            install_uv(tool_environment())
            hand_over([str(inside("uv")), *rest])
        prepare("dev" if command == "dev" else "")
        if command == "lab":
            hand_over([str(inside("python")), "-m", "course_lib.cli", "lab", *rest])
    except Trouble as trouble:
        print("\n" + str(trouble), file=sys.stderr)
        return 1
    except OSError as problem:
        print("\n" + str(from_text(str(problem)) or read_only(str(problem))), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again: it mends what is half done.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
