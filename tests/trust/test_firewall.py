"""No letter looks like an attack to the rules that many sites run before a message box.

OWASP CRS 3.3.4 at its default level, as Debian packages it, refused four letters of six for
« l'Union européenne » and « (UE) 2016/679 (RGPD) ». Its own rules are tried with `--tout`; what
they matched is looked for in every letter each time. Limits: nobody says what ameli.fr runs.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from letters.render import text
from tests.letters_under_test import SLUGS, every_letter
from tests.server import Server, until
from tests.test_golden import GOLDEN
from tests.trust.fronts import free_port, program

# What rules 942190 and 933210 take for SQL after a quote, and for a function of PHP.
AN_ATTACK = re.compile(r"'\s*union\b|\(\w+\)[\s\d/]+\(\w+\)", re.IGNORECASE)
REFUSED = ("hors de l'Union européenne", "en vertu du règlement (UE) 2016/679 (RGPD), je")
MODULES = Path("/usr/lib/apache2/modules")
RULES = Path("/usr/share/modsecurity-crs/owasp-crs.load")


@pytest.mark.parametrize("slug", SLUGS)
def test_no_message_holds_what_was_taken_for_an_attack(slug: str) -> None:
    assert [words for words in REFUSED if not AN_ATTACK.search(words)] == []
    for _request, letter in every_letter()[slug]:
        found = AN_ATTACK.search(f"{text.subject(letter)}\n{text.message(letter)}")
        assert found is None, found


@pytest.fixture
def firewall(tmp_path: Path) -> Iterator[Callable[[str], bool]]:
    """Apache with ModSecurity and the rules, which tells whether they refuse a message."""
    apache, port = program("apache2"), free_port()
    tmp_path.chmod(0o755)
    names = ("mpm_event", "authz_core", "unique_id", "security2")
    modules = "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in names)
    (tmp_path / "apache.conf").write_text(
        f"""
        ServerRoot {tmp_path}
        ServerName localhost
        Listen 127.0.0.1:{port}
        PidFile {tmp_path}/pid
        ErrorLog {tmp_path}/error.log
        Mutex default:{tmp_path}
        {modules}
        SecRuleEngine On
        SecRequestBodyAccess On
        SecDataDir {tmp_path}
        SecTmpDir {tmp_path}
        SecAuditEngine Off
        Include {RULES}
        """
    )
    command = (apache, "-X", "-f", str(tmp_path / "apache.conf"))
    with (
        (tmp_path / "stderr").open("w+", encoding="utf-8") as errors,
        subprocess.Popen(command, stderr=errors, encoding="utf-8") as process,
    ):
        box = Server(process, errors, f"http://127.0.0.1:{port}")
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "Mozilla/5.0",
            "Accept": "text/html",
        }

        def answers() -> bool:
            assert process.poll() is None, box.said()
            try:
                box.connect().close()
            except OSError:
                return False
            return True

        try:
            until(answers)
            yield lambda said: box.ask("POST", "/", urlencode({"m": said}), headers)[0] == 403
        finally:
            process.terminate()


@pytest.mark.tout
@pytest.mark.server
def test_the_rules_themselves_refuse_no_letter(firewall: Callable[[str], bool]) -> None:
    assert all(firewall(words) for words in REFUSED)
    texts = {file.name: file.read_text(encoding="utf-8") for file in GOLDEN.glob("*.txt")}
    assert texts
    assert [name for name, words in texts.items() if firewall(words)] == []
