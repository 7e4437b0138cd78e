"""What may be said of an exception: its type, and where it was raised. Never its message.

`int("…")` and its like put what someone typed into theirs.
"""

from types import TracebackType


def described(error: BaseException | None) -> str:
    """Type and place: "ValueError, letters.compose:50"; of another process, what it said of it."""
    if error is None:
        return "?"
    origin: str = getattr(error, "origin", "")
    return origin or f"{type(error).__name__}, {place(error.__traceback__)}"


def place(trace: TracebackType | None) -> str:
    """Where an exception was raised: "letters.compose:50", or a template and its line."""
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "?"
    frame = trace.tb_frame
    return f"{frame.f_globals.get('__name__') or frame.f_code.co_filename}:{trace.tb_lineno}"
