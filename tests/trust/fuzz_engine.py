"""Hand one target of fuzz.py to Atheris, for so many seconds: run by `script/fuzz`.

What is found is written beside the corpus as `trouve-…`, to be replayed by the tests; inputs that
only reach new lines stay in build/fuzz.
"""

import sys
from contextlib import ExitStack
from unittest.mock import patch

import atheris

with atheris.instrument_imports(include=["letters"]):  # what the search is guided by
    from tests.conftest import TODAY
    from tests.kit import CLOCK, clock
    from tests.trust import fuzz

STAND_INS = {
    "letters.render.pdf.pdf": lambda letter, large=False: b"%PDF-",
    "letters.render.pdf.spoken": lambda letter, large=False: b"%PDF-",
    CLOCK: clock(TODAY),
}
LONGEST = 12_000  # bytes of an input; the limit of 32 KB has its own tests

target, seconds = sys.argv[1], sys.argv[2]
work, corpus = fuzz.WORK / target, fuzz.CORPUS / target
work.mkdir(parents=True, exist_ok=True)
for name, content in fuzz.seeds(target).items():
    (work / name).write_bytes(content)
limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=1500"]
words = f"-dict={fuzz.HERE / 'fuzz.dict'}"
with ExitStack() as stack:
    for place, stand_in in STAND_INS.items():
        stack.enter_context(patch(place, stand_in))
    folders = [f"-artifact_prefix={corpus}/trouve-", str(work), str(corpus)]
    atheris.Setup([sys.argv[0], *limits, words, *folders], fuzz.TARGETS[target])
    atheris.Fuzz()  # ends the process
