"""What may be said of an exception: its type, and where it was raised. Never its message.

`int("…")` and its like put what someone typed into theirs.
"""

from pathlib import Path
from traceback import walk_tb
from types import TracebackType

_ROOT = f"{Path(__file__).parents[1]}/"
_TEMPLATES = f"{_ROOT}templates/"
_OURS = (f"{_ROOT}app.py", f"{_ROOT}letters/", f"{_ROOT}deploy/", _TEMPLATES)


def described(error: BaseException | None) -> str:
    """Type and place: "ValueError, letters.compose:50"; of another process, what it said of it."""
    if error is None:
        return "?"
    origin: str = getattr(error, "origin", "")
    return origin or f"{type(error).__name__}, {place(error.__traceback__)}"


def place(trace: TracebackType | None) -> str:
    """The innermost place of ours that led to it: "letters.compose:50", "templates/home.html:12".

    Where none of ours did, the place of a library.
    """
    frames = [(frame, frame.f_code.co_filename, line) for frame, line in walk_tb(trace)]
    if not frames:
        return "?"
    ours = [found for found in frames if found[1].startswith(_OURS)]
    frame, file, line = (ours or frames)[-1]
    if file.startswith(_TEMPLATES):
        return f"{file.removeprefix(_ROOT)}:{line}"
    return f"{frame.f_globals.get('__name__') or file}:{line}"
