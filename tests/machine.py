"""What the tests find on this machine: a browser, PostgreSQL's server programs, and Ruby with its reader of feeds.

`python tests/machine.py chromium` (or `postgresql`, `ruby`) prints where it is, or fails.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POSTGRES_HOME = Path("/usr/lib/postgresql")
ROOM = 6 * 2**30


def chromium() -> str | None:
    """The path of a Chromium that starts, or None. `HALN_TEST_CHROMIUM` names one."""
    named = os.environ.get("HALN_TEST_CHROMIUM")
    candidates = [named] if named else [*map(shutil.which, BROWSERS), *_playwright_builds()]
    return next((path for path in candidates if path and _starts(path)), None)


def postgres_programs() -> Path | None:
    """The folder with initdb and postgres of the newest PostgreSQL here, or None."""
    folders = sorted(
        (path for path in POSTGRES_HOME.glob("*/bin") if path.parent.name.isdigit()),
        key=lambda path: int(path.parent.name),
        reverse=True,
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((path for path in folders if (path / "initdb").exists() and (path / "postgres").exists()), None)


def ruby() -> str | None:
    """The path of a Ruby that has its library `rss`, or None."""
    path = shutil.which("ruby")
    found = path and subprocess.run([path, "-r", "rss", "-e", ""], capture_output=True, check=False).returncode == 0
    return path if found else None


def memory() -> Path | None:
    """A folder in the machine's memory with room for all that the tests write, or None."""
    folder = Path("/dev/shm")
    try:
        return folder if shutil.disk_usage(folder).free >= ROOM and os.access(folder, os.W_OK) else None
    except OSError:
        return None


def _playwright_builds() -> list[str]:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return sorted((str(path) for path in home.glob("chromium-*/chrome-linux*/chrome")), reverse=True)


def _starts(path: str) -> bool:
    # Ubuntu's chromium-browser is a script that asks for a snap: present, and yet no browser.
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and re.search(r"\d+\.\d+", answer.stdout) is not None


if __name__ == "__main__":
    found = {"chromium": chromium, "postgresql": postgres_programs, "ruby": ruby}[sys.argv[1]]()
    sys.stdout.write(f"{found or 'not found'}\n")
    sys.exit(0 if found else 1)
