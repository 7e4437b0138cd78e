"""Hand one target of `fuzz.py` to Atheris, which ends the process itself: run by `fuzz.py`."""

import sys
from contextlib import ExitStack
from unittest.mock import patch

import atheris

with atheris.instrument_imports(include=["letters"]):  # what the search is guided by
    from tests.conftest import TODAY
    from tests.trust.fuzz import TARGETS

STAND_INS = {
    "letters.render.pdf.pdf": lambda letter, large=False: b"%PDF-",
    "letters.render.pdf.slip": lambda letter, large=False: b"%PDF-",
    "letters.web.routes.today": lambda: TODAY,
    "letters.web.follow_up.today": lambda: TODAY,
}

with ExitStack() as stack:
    for name, stand_in in STAND_INS.items():
        stack.enter_context(patch(name, stand_in))
    again = f"{sys.executable} -m tests.trust.fuzz_engine {sys.argv[1]}"  # for -merge, a shell line
    atheris.Setup([again, *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()
