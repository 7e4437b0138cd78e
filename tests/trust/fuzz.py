"""What no bytes may do to the form or to the parser of wordings.

Two targets, `form` and `wording`, each a function of bytes that raises when a promise is broken.
`script/fuzz` has Atheris search for such bytes, guided by the lines that they reach; the inputs
worth keeping are in `corpus/<target>/`, and `test_fuzz.py` replays them all, without Atheris.

Limits: the fuzzer has a stand-in for the PDF engine, which alone would take nearly all the time;
the replay has the real one.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import create_app
from letters.catalogue import TEXTS, load_catalogue
from letters.compose import compose
from letters.model import WHO
from letters.typography import portal
from letters.wording import WordingError, read_wording
from tests.conftest import TODAY
from tests.letters_under_test import all_texts, every_objection, every_option_set, request_for
from tests.trust.hostile import RIGHT_ANSWERS, headers_are_ours, invisible, words

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
WORK = ROOT / "build" / "fuzz"
MOST_FILES, MOST_BYTES = 200, 300_000  # of each target's corpus
LONGEST = 12_000  # bytes of an input; the limit of 32 KB has its own tests
TYPE = "application/x-www-form-urlencoded"
LETTERS = tuple(f"/fr/lettres/{slug}" for slug in load_catalogue(None).wordings)
PATHS = (*LETTERS, "/fr/suivi")


# The form


def form(data: bytes) -> None:
    """Post a body to the page that the first byte chooses, and go round as a browser would."""
    path, body = PATHS[data[0] % len(PATHS)] if data else PATHS[0], data[1:]
    answer = _post(path, body)
    if path not in LETTERS or answer.status_code not in {200, 422}:
        return
    _check_settled(path, _post(path, _said(path, body, "edit")))
    shown = _post(path, _said(path, body, "preview"))
    if shown.status_code == 200:
        _check_same_words(path, shown)


def _said(path: str, body: bytes, output: str) -> "MultiDict[str, str]":
    """The fields of a body, with another button pressed."""
    with _app().test_request_context(path, method="POST", data=body, content_type=TYPE) as context:
        fields = MultiDict(context.request.form)
    fields["output"] = output
    return fields


def _post(path: str, body: "bytes | MultiDict[str, str]") -> TestResponse:
    """Post, and check what holds for every answer."""
    with _nothing_logged():
        answer = _app().test_client().post(path, data=body, content_type=TYPE)
    assert answer.status_code in {200, 400, 413, 422}, answer.status
    headers_are_ours(answer)
    if answer.mimetype == "text/html":
        assert invisible(answer.text) == set(), "an invisible character is shown"
    return answer


def _check_settled(path: str, edited: TestResponse) -> None:
    """The values of a form, posted again, are the same: cleaning has no second effect.

    The page around them may change once, where what came in was no answer of ours.
    """
    held = _values(edited.text)
    again = _post(path, {**_pressed("edit"), **held})
    found = _values(again.text)
    assert {name: found[name] for name in held} == held, "a value changes by being sent again"
    last = _post(path, {**_pressed("edit"), **found})
    assert last.text == again.text, "the same form, posted again, is another one"


def _pressed(output: str) -> dict[str, list[str]]:
    return {"output": [output]}


def _check_same_words(path: str, shown: TestResponse) -> None:
    """The words of the message are those of the sheet below its heading."""
    page = _read(shown.text)
    message = _post(path, {**_pressed("text"), **page.values})
    assert message.status_code == 200
    said = words(re.sub(r"^Objet : ", "", message.text)).replace("-", "")  # the dashes of items
    assert words(portal("".join(page.sheet))).replace("-", "").endswith(said)


class _Page(HTMLParser):
    """What a browser would post from a page, and the words of the letter in it."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.sheet: list[str] = []
        self._area, self._select = "", ""
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "article":
            self._depth += 1
        if tag == "input" and given.get("type") not in {"checkbox", "radio"}:
            self._add(name, given.get("value", ""))
        elif tag == "input" and "checked" in given:
            self._add(name, given["value"])
        elif tag == "textarea":
            self._area = name
            self._add(name, "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.values):
            self.values[self._select] = [given["value"]]

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._depth -= 1
        if tag == "textarea":
            self._area = ""
        if tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.sheet.append(data)
        if self._area:
            self.values[self._area] = [re.sub("^\r?\n", "", data).replace("\n", "\r\n")]

    def _add(self, name: str, value: str) -> None:
        if name and name not in {"large", "also"}:
            self.values.setdefault(name, []).append(value)


def _read(page: str) -> _Page:
    reader = _Page()
    reader.feed(page)
    reader.close()
    return reader


def _values(page: str) -> dict[str, list[str]]:
    return _read(page).values


@contextmanager
def _nothing_logged() -> Iterator[None]:
    with patch.object(_app().logger, "error") as logged:
        yield
    assert not logged.called, logged.call_args


@cache
def _app() -> Flask:
    return create_app()


# The wording


def wording(data: bytes) -> None:
    """Read bytes as the file of a letter: a letter, or sentences that say where to mend it."""
    WORK.mkdir(parents=True, exist_ok=True)
    file = WORK / "ma-lettre.md"
    file.write_bytes(data)
    try:
        read = read_wording(file)
    except WordingError as error:
        for sentence in str(error).split("\n"):
            assert re.match(r"ma-lettre\.md, ligne [1-9]\d* : .+", sentence), sentence
        return
    options = max(every_option_set(read), key=len)
    fields = dict.fromkeys(read.fields, "Une raison.")
    for who in WHO:
        for past in islice(every_objection(read), 0, None, 5):  # a taste of each kind
            asked = request_for(read, options, fields, who=who, objection=past)
            letter = compose(read, asked, TODAY)
            for written in all_texts(letter):
                assert not re.search(r"\(\(|\)\)|\[(?:si|sauf) |===", written), written


TARGETS: dict[str, Callable[[bytes], None]] = {"form": form, "wording": wording}


def seeds(target: str) -> dict[str, bytes]:
    """Where the search begins, beside the corpus: the letters, and right answers to them."""
    if target == "wording":
        return {path.stem: path.read_bytes() for path in TEXTS.glob("*.md")}
    return {f"page-{n}": bytes([n]) + RIGHT_ANSWERS for n in range(len(PATHS))}


def kept(target: str) -> list[Path]:
    return sorted((CORPUS / target).iterdir())


# What script/fuzz runs


def main(seconds: int, targets: list[str]) -> int:
    """Search for so many seconds in each target; 1 if something was found."""
    try:
        found = [path for target in targets for path in _search(target, seconds)]
    except KeyboardInterrupt:
        print("Interrompu.")
        return 130
    print("Relancez : pytest tests/trust/test_fuzz.py" if found else "Rien de cassé.")
    return int(bool(found))


def _search(target: str, seconds: int) -> list[Path]:
    """Run the engine in a process of its own, which it ends; keep what it found."""
    work, finds = WORK / target, WORK / f"{target}-trouvailles"
    for folder in (work, finds, CORPUS / target):
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in seeds(target).items():
        (work / name).write_bytes(content)
    print(f"{target} : {seconds} secondes…", flush=True)
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20"]
    limits += ["-rss_limit_mb=1500", "-verbosity=0", "-print_final_stats=1"]
    words = [f"-dict={Path(__file__).with_name('fuzz.dict')}", f"-artifact_prefix={finds}/"]
    try:
        code = _engine(target, [*limits, *words, str(work), str(CORPUS / target)])
    finally:
        new = [_keep(target, path) for path in sorted(finds.iterdir())]
        shutil.rmtree(finds)
    if code and not new:
        sys.exit(f"Atheris s’est arrêté sans rien trouver : voyez build/fuzz/{target}.log.")
    if not new:  # a merge runs the inputs again, and would stop at one that breaks
        _engine(target, ["-merge=1", "-use_counters=0", str(CORPUS / target), str(work)])
        _trim(target)
    return new


def _engine(target: str, arguments: list[str]) -> int:
    command = [sys.executable, "-m", "tests.trust.fuzz_engine", target, *arguments]
    with (WORK / f"{target}.log").open("ab") as log:
        return subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False).returncode


def _keep(target: str, path: Path) -> Path:
    """Keep what broke something under a name that says so."""
    content = path.read_bytes()
    place = CORPUS / target / f"trouve-{sha256(content).hexdigest()[:12]}"
    place.write_bytes(content)
    print(f"Trouvé, et gardé pour les tests : {place.relative_to(ROOT)}")
    return place


def _trim(target: str) -> None:
    """Keep the corpus small: what was found and the shortest, which are read and replayed best."""
    files = sorted(kept(target), key=lambda path: (path.name[:7] != "trouve-", path.stat().st_size))
    size = 0
    for count, path in enumerate(files, 1):
        size += path.stat().st_size
        if count > MOST_FILES or size > MOST_BYTES:
            path.unlink()


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(int(sys.argv[1]), sys.argv[2:] or list(TARGETS)))
