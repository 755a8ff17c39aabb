"""JupyterLab as the course opens it: quiet, private, on the reader's copy, with settings of its own."""

import contextlib
import json
import os
import secrets
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_lib.paths import CourseError, data_home

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

FIRST_LESSON = "notebooks/00_start_here.ipynb"

_SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
    "@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": False},
}
# What a teacher's or an author's packages add to the menus, and what looks for language servers.
_PAGE: dict[str, Any] = {
    "disabledExtensions": {
        "@jupyter/nbgrader": True,
        "jupyterlab-jupytext": True,
        "@jupyterlab/lsp-extension": True,
        "@jupyterlab/fileeditor-extension:language-server": True,
        "@jupyterlab/notebook-extension:language-server": True,
    }
}
# Server parts that other packages switch on and that the course does not need.
_UNUSED = ("jupyter_lsp", "jupytext", "nbgrader.server_extensions.formgrader", "notebook")


def layout(files: list[str]) -> dict[str, Any]:
    """A JupyterLab workspace that shows the README, rendered, beside the first lesson.

    The format is what JupyterLab itself saves: https://jupyterlab.readthedocs.io/en/latest/user/workspaces.html.
    """
    panes = {
        f"markdownviewer-widget:{name}": {"data": {"path": name, "factory": "Markdown Preview"}}
        for name in files
        if name.endswith(".md")
    } | {
        f"notebook:{name}": {"data": {"path": name, "factory": "Notebook"}}
        for name in files
        if name.endswith(".ipynb")
    }
    areas = [{"type": "tab-area", "currentIndex": 0, "widgets": [pane]} for pane in panes]
    dock = {
        "type": "split-area",
        "orientation": "horizontal",
        "sizes": [0.42, 0.58][: len(areas)],
        "children": areas,
    }
    main = {"dock": dock if len(areas) > 1 else areas[0], "current": list(panes)[-1]} if areas else {}
    sides = {
        "left": {
            "collapsed": False,
            "visible": True,
            "current": "filebrowser",
            "widgets": ["filebrowser", "running-sessions", "@jupyterlab/toc:plugin"],
        },
        "right": {
            "collapsed": True,
            "visible": True,
            "widgets": ["jp-property-inspector", "debugger-sidebar"],
        },
        "relativeSizes": [0.14, 0.86, 0],
    }
    return {
        "data": {
            "layout-restorer:data": {"main": main, **sides},
            "file-browser-filebrowser:cwd": {"path": "notebooks"},
            **panes,
        },
        "metadata": {"id": "default"},
    }


def _own_folders() -> dict[str, Path]:
    """Folders of the course's own for everything that Jupyter and IPython keep, by environment variable."""
    home = data_home() / "jupyter"
    return {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }


def _set_environment() -> dict[str, Path]:
    folders = _own_folders()
    try:
        for variable, folder in folders.items():
            folder.mkdir(parents=True, exist_ok=True)
            os.environ[variable] = str(folder)
    except OSError as problem:
        raise CourseError(
            f"The folder for JupyterLab's own files cannot be written ({problem.strerror or problem}), so it "
            "cannot start. Free some space, or set COURSE_HOME to a folder that you can write, and run the "
            "command again."
        ) from problem
    for variable in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_TOKEN", "JUPYTERLAB_DIR"):
        os.environ.pop(variable, None)
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel of this environment, whatever else is installed
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    return folders


def _write_settings(folders: dict[str, Path], work: Path) -> Path:
    """The course's defaults for JupyterLab; a layout that the reader has arranged is left alone."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    defaults = folders["JUPYTER_CONFIG_DIR"] / "defaults"
    defaults.mkdir(exist_ok=True)
    (defaults / "overrides.json").write_text(json.dumps(_SETTINGS, indent=1), encoding="utf-8")
    page = folders["JUPYTER_CONFIG_DIR"] / "labconfig"
    page.mkdir(exist_ok=True)
    (page / "page_config.json").write_text(json.dumps(_PAGE, indent=1), encoding="utf-8")
    spaces = folders["JUPYTERLAB_WORKSPACES_DIR"]
    if not any(_is_sound(path) for path in spaces.glob("*.jupyterlab-workspace")):
        for broken in spaces.glob("*.jupyterlab-workspace"):
            broken.unlink()
        shown = [name for name in ("README.md", FIRST_LESSON) if (work / name).is_file()]
        WorkspacesManager(str(spaces)).save("default", json.dumps(layout(shown)))
    return defaults


def _is_sound(workspace: Path) -> bool:
    """False for a file that a killed server left half written."""
    try:
        return bool(json.loads(workspace.read_text(encoding="utf-8"))["data"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _can_open_browser() -> bool:
    if sys.platform.startswith("linux"):
        return any(
            os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER")
        )
    return True


def open_server(work: Path, *, port: int = 8888, browser: bool = True, at: str = "") -> "ServerApp":
    """Start a JupyterLab server on `work`, bound to 127.0.0.1 and a free port, with a token; not yet serving.

    `port` is where it looks first; it takes a free one near it when that is taken. `at` is the file of `work`
    to show; the README beside lesson 00 where it is empty. `serve` goes on.
    Options: https://jupyter-server.readthedocs.io/en/latest/other/full-config.html.

    Raises:
        CourseError: no port is free, or a folder that JupyterLab needs cannot be written.
    """
    folders = _set_environment()
    warnings.simplefilter("ignore")
    defaults = _write_settings(folders, work)

    from jupyterlab.labapp import LabApp
    from traitlets.config import Config

    config = Config()
    config.ServerApp.ip = "127.0.0.1"
    config.ServerApp.port = port
    config.ServerApp.port_retries = 50
    config.ServerApp.root_dir = str(work)
    config.ServerApp.open_browser = browser and _can_open_browser()
    config.ServerApp.allow_root = True
    config.ServerApp.log_level = "ERROR"
    config.ServerApp.jpserver_extensions = dict.fromkeys(_UNUSED, False)
    config.IdentityProvider.token = secrets.token_hex(24)
    config.KernelManager.transport_encryption = "auto"
    config.MultiKernelManager.default_kernel_name = "python3"
    config.LabApp.app_settings_dir = str(defaults)
    config.LabApp.user_settings_dir = str(folders["JUPYTERLAB_SETTINGS_DIR"])
    config.LabApp.workspaces_dir = str(folders["JUPYTERLAB_WORKSPACES_DIR"])
    config.LabApp.extension_manager = "readonly"
    config.LabApp.news_url = None
    config.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    config.LabApp.log_level = "ERROR"
    if at:
        config.LabApp.default_url = f"/lab/tree/{at}"
    try:
        server: ServerApp = LabApp.initialize_server(argv=[], config=config)
    except SystemExit as stop:
        raise _no_port(port) from stop
    return server


def _no_port(port: int) -> CourseError:
    return CourseError(
        f"JupyterLab found no free port near {port}, or may not open one. It cannot start. "
        "Close other servers, or name a port: course lab --port 9000."
    )


def address(server: "ServerApp") -> str:
    """The address to open, with its token."""
    page = server.default_url if "/tree/" in server.default_url else "/lab"
    return f"http://127.0.0.1:{server.port}{page}?token={server.identity_provider.token}"


def serve(server: "ServerApp", opened: Callable[[], None], *, check: bool = False) -> bool:
    """Serve until Ctrl-C or a stop signal; kernels are shut down on the way out.

    `opened` is called once, when the server listens.

    With `check` the server asks itself for its page and for a kernel's answer, then stops. Returns whether
    that went well (True without `check`).

    Raises:
        CourseError: the port was taken in the last moment.
    """
    went_well = [True]

    def stop(*_: object) -> None:
        server.stop(from_signal=True)

    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            with contextlib.suppress(ValueError, OSError):
                signal.signal(getattr(signal, name), stop)
    server.io_loop.add_callback(opened)  # after the server's own callback, which listens
    if check:

        async def examine() -> None:
            try:
                went_well[0] = await _answers(server)
            finally:
                server.stop()

        server.io_loop.add_callback(examine)
    try:
        server.start()
    except SystemExit as stopped:
        if stopped.code:
            raise _no_port(server.port) from stopped
    return went_well[0]


async def _answers(server: "ServerApp") -> bool:
    """The page is served, and a kernel of this environment imports the course."""
    from tornado.httpclient import AsyncHTTPClient

    page = await AsyncHTTPClient().fetch(address(server), raise_error=False)
    kernel_id = await server.kernel_manager.start_kernel(kernel_name="python3")
    client: Any = server.kernel_manager.get_kernel(kernel_id).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        code = f"import sys, course_lib; assert sys.prefix == {sys.prefix!r}"
        reply = await client.execute_interactive(
            code, store_history=False, timeout=60, output_hook=lambda _: None
        )
    finally:
        client.stop_channels()
        manager: Any = server.kernel_manager
        await manager.shutdown_kernel(kernel_id, now=True)
    return page.code == 200 and reply["content"]["status"] == "ok"
