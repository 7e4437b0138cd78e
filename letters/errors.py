"""What stops the program: French sentences for whoever wrote a text, a fact, an address.

Each sentence names its file and its place. All that is wrong is told at once, so that a file is
mended in one go. Limits: nothing here is of a person's letter.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager


class ContentError(Exception):
    """What the program is given cannot be used; the message has one French sentence a line."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@contextmanager
def together() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Collect what stops each `with part():` inside; raise it all at the end.

    with together() as part:
        for path in paths:
            with part():
                read(path)
    """
    sentences: list[str] = []

    @contextmanager
    def part() -> Iterator[None]:
        try:
            yield
        except ContentError as error:
            sentences.extend(error.sentences)

    yield part
    if sentences:
        raise ContentError(*sentences)
