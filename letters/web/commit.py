"""The commit that a folder is checked out at, read from git's own files.

The git command may be missing on a server, and refuses folders of another user. Layout of the
files: gitrepository-layout(5). Limits: a file changed by hand since is not noticed.
"""

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def commit_of(root: Path) -> str:
    """The commit that the folder `root` is checked out at; empty if git knows nothing of it."""
    try:
        found = _commit(root / ".git")
    except (OSError, UnicodeDecodeError):
        return ""
    return found if _COMMIT.fullmatch(found) else ""


def _commit(git: Path) -> str:
    if git.is_file():  # a work tree beside the main one
        git = git.parent / _read(git).removeprefix("gitdir: ")
    head = _read(git / "HEAD")
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    shared = git / _read(git / "commondir") if (git / "commondir").is_file() else git
    if (shared / name).is_file():
        return _read(shared / name)
    packed = _read(shared / "packed-refs").splitlines()
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
