"""The result page and what its buttons give: texts, PDFs, calendar, zip.

Nothing of a person may come in a file's name, in a calendar file or in the zip's LISEZMOI.txt:
`CANARIES` fills every field with what is found nowhere else.
"""

import codecs
import io
import re
from collections.abc import Collection
from contextlib import closing
from typing import Any
from zipfile import ZipFile

import pdfplumber
import pypdfium2
import pytest
from flask import Flask
from icalendar import Calendar
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from letters.model import WHO
from letters.render import pdf
from letters.web.qr import qr_code
from tests.kit.forms import (
    CARER,
    DEFAULTS_OF,
    EVERY_OPTION,
    OPTIONS_OF,
    TEXTS,
    area_of,
    check_errors,
    everything,
    main_form,
    posted,
    sentences,
    shown,
)
from tests.kit.pages import (
    CATALOGUE,
    LATER,
    OPPOSITIONS,
    OUTPUTS,
    SLUGS,
    CheckingClient,
    checking,
    from_file,
    heading_of,
    in_turn,
    parse,
    plain,
    site_with,
    text_of,
    title_of,
    words,
)

# Enough for every letter, about an objection of seven weeks ago.
ANSWERS = {
    "given_name": "Camille",
    "family_name": "Durand",
    "recipient": "01751",
    "sent_on": "03/10/2026",
    "outcome": "refusal",
    "answer_on": "20/10/2026",
}
CARER_LINES = {"soignant_lines": CARER}
# What no file may tell by its name: a word in every text, and numbers found nowhere else.
CANARIES: dict[str, Any] = dict.fromkeys(TEXTS, "Quokka") | {
    "who": "protected",
    "represented_given_name": "Quokka Zoé",  # nor the signer, nor below, the signer's street
    "address_line1": "1 rue Quokka",
    "address_line2": "Bâtiment Quokka",
    "recipient": "other",
    "birth_date": "12/11/1931",
    "represented_birth_date": "11/12/1913",
    "postal_code": "65432",
    "email": "quokka@example.org",
    "sent_on": "03/10/2026",
    "received_on": "05/10/2026",
    "channel": "hand",
    "outcome": "partial",
    "answer_on": "20/10/2026",
    "followed_up_on": "05/11/2026",
    "options": EVERY_OPTION,
}
SIGNS = re.compile("quokka|1931|1913|65432", re.IGNORECASE)

every_letter = pytest.mark.parametrize("slug", SLUGS)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app, own_words=False)


def post(client: CheckingClient, slug: str, output: str, **changes: Any) -> TestResponse:
    data = {**ANSWERS, **changes, "output": output}
    return client.post(f"/fr/lettres/{slug}", data=MultiDict(data))


def file_of(response: TestResponse, mimetype: str, name: str) -> bytes:
    """The file that an answer gives, of which nothing is stored and nothing is called."""
    assert (response.status_code, response.mimetype) == (200, mimetype)
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["Cache-Control"] == "no-store"
    return response.data


def hidden(response: TestResponse) -> "MultiDict[str, str]":
    """The answers that a result page keeps, and the day of sending that it shows."""
    fields = parse(response.text).select("main form input:is([type=hidden], #sent_on)")
    return MultiDict((str(field["name"]), str(field["value"])) for field in fields)


# The result page


@every_letter
@pytest.mark.rule(15, 17)
def test_the_letter_and_its_limits_are_read_before_anything_is_downloaded(
    client: CheckingClient, slug: str
) -> None:
    page = parse(post(client, slug, "preview").text)
    assert page.select("main [aria-labelledby] > article#letter[lang=fr]")
    assert "Rien n’est encore envoyé." in words(page.main)
    told = tuple(text_of(limit) for limit in page.select("main ul.limits li"))
    assert told == CATALOGUE.wordings[slug].limits
    parts = page.select("main :is(a[href='#letter'], ul.limits, [data-copy], [value=pdf])")
    assert [tag.name for tag in parts[:3]] == ["a", "ul", "ul"]


AFTER = dict.fromkeys(OPPOSITIONS, "jusqu’au 21 décembre 2026 s’il reçoit") | {
    "information-cnil": "n’attend pas de réponse",
    "relance": "réponse dans les quinze jours : le 6 décembre 2026",
    "plainte-cnil": "numéro de dossier",
}


@every_letter
@pytest.mark.rule(17)
def test_the_result_gives_numbered_steps_and_what_comes_after(
    client: CheckingClient, slug: str
) -> None:
    page = parse(post(client, slug, "preview").text)
    steps = page.select("#envoyer ol.steps")
    [online], [on_paper] = (
        [s for s in steps if s.select(f"[value={v}], #{v}")] for v in ("message", "pdf")
    )
    assert [len(steps.find_all("li", recursive=False)) for steps in (online, on_paper)] == [3, 3]
    assert ("Gardez" in words(online)) == (slug != "information-cnil")  # nothing takes it online
    assert "Gardez" in words(on_paper)
    assert AFTER[slug] in words(page.select_one("#apres"))
    if slug in OPPOSITIONS:
        assert "donc jusqu’au 22 février 2027" in words(page.select_one("#apres"))
    size = re.search(r"1 ou 2 pages, environ (\d+) Ko", plain(words(on_paper)))
    assert size is not None
    drawn = len(post(client, slug, "pdf", **everything(options=[*OPTIONS_OF[slug]])).data) / 1000
    assert drawn / 1.5 < int(size[1]) < drawn * 1.5, "« environ » is a third more or less"


@every_letter
def test_the_letters_that_can_go_now_are_offered_for_the_zip_and_the_others_later(
    client: CheckingClient, slug: str
) -> None:
    """The first button is the one that the Enter key presses; nobody sees it."""
    page = parse(post(client, slug, "preview").text)
    now = [other for other in SLUGS if other not in {slug, *LATER}]
    later = [other for other in LATER if other != slug]
    boxes = [str(box["value"]) for box in page.select("#autres [name=also]")]
    assert boxes == ([] if slug in LATER else now)
    offered = [
        [str(button["formaction"]).removeprefix("/fr/lettres/") for button in part.select("button")]
        for part in page.select("#autres ul")
    ]
    assert offered == [now, later]
    said = ["slip"] if slug == "opposition-soignant" else []
    waits = [] if slug in {"information-cnil", "plainte-cnil"} else ["calendar"]
    edits = ["edit"] * len([*now, *later])
    buttons = [str(button["value"]) for button in page.select("#answers button[name]")]
    assert buttons == ["edit", "pdf", *said, *waits, *edits, "text", "bundle", "erase"]
    enter = page.select_one("button[form=answers], form#answers button")
    assert enter is page.find("button")
    assert enter is not None
    assert enter["value"] == ("calendar" if slug in OPPOSITIONS else "preview")


def test_what_an_option_asks_for_afterwards_is_said_when_it_is_ticked(
    client: CheckingClient,
) -> None:
    told = 0
    for slug, wording in CATALOGUE.wordings.items():
        for option in (option for option in wording.options if option.after):
            ticked, bare = (
                words(parse(post(client, slug, "preview", options=names).text).main)
                for names in ([option.name], [])
            )
            assert 0 < ticked.index(plain(option.after)) < ticked.index("Copier le message")
            assert plain(option.after) not in bare
            told += 1
    assert told == 2


@pytest.mark.rule(18, 19)
def test_the_texts_to_copy_are_read_only_and_the_buttons_hidden_without_a_script(
    client: CheckingClient,
) -> None:
    page = parse(post(client, SLUGS[0], "preview", options=DEFAULTS_OF[SLUGS[0]]).text)
    for name in ("subject", "message", "message-short"):
        assert page.select_one(f"textarea#{name}[readonly]:not([name])"), "it is not posted back"
        assert page.select_one(f"[hidden][type=button][data-copy={name}] + span[role=status]")


def test_letters_that_an_old_form_may_break_are_named(client: CheckingClient) -> None:
    strange, plain_names = (
        words(parse(post(client, SLUGS[0], "preview", given_name=name).text).main)
        for name in ("Tuğba Başak", "Éloïse Œdipe")
    )
    assert "Ces lettres peuvent mal passer dans une messagerie : ğ ş." in strange
    assert "mal passer" not in plain_names


# The way


@pytest.mark.parametrize(
    ("slug", "channel", "first"),
    [
        *((slug, "", "Copier le message") for slug in SLUGS if slug != "information-cnil"),
        ("information-cnil", "", "Télécharger le PDF"),  # no service online takes it
        ("opposition-sante", "ameli", "Copier le message"),
        ("opposition-sante", "post", "Télécharger le PDF"),
        ("opposition-sante", "hand", "Copier le message"),  # a way that a fund does not take
        ("opposition-plateforme", "ameli", "Copier le message"),
        ("opposition-plateforme", "post", "Télécharger le PDF"),
        ("opposition-soignant", "email", "Copier le message"),
        ("opposition-soignant", "hand", "Télécharger le PDF"),
        ("relance", "post", "Télécharger le PDF"),
        ("plainte-cnil", "email", "Copier le message"),
    ],
)
def test_the_way_chosen_comes_first_and_the_other_is_folded(
    client: CheckingClient, slug: str, channel: str, first: str
) -> None:
    page = parse(post(client, slug, "preview", channel=channel).text)
    [filled] = page.select("main .button")
    assert text_of(filled) == first
    folded = page.select("#envoyer > details:first-of-type :is([data-copy=message], [value=pdf])")
    assert {text_of(filled), text_of(folded[0])} == {"Copier le message", "Télécharger le PDF"}


@pytest.mark.rule(16)
def test_the_way_is_asked_once_on_the_whole_journey(client: CheckingClient) -> None:
    """It is carried from the first letter to the follow-up, which tells it, and can mend it."""
    result = [*hidden(post(client, SLUGS[0], "preview", channel="post")).items(True)]
    for slug in ("opposition-soignant", "relance", "plainte-cnil"):
        form = client.post(f"/fr/lettres/{slug}", data=MultiDict([*result, ("output", "edit")]))
        assert shown(form.text)["channel"] == "post"
        told = parse(form.text).select("details:not([open]):has([name=channel]) > summary")
        assert [text_of(summary) for summary in told] == (
            [] if slug == "opposition-soignant" else ["Votre première lettre\u00a0: Par la poste"]
        )
    unknown = parse(client.get("/fr/lettres/relance").text)
    assert unknown.select("fieldset [name=channel]")
    assert not unknown.select("details [name=channel], [name=channel][checked]")


# Texts


@pytest.mark.parametrize(("slug", "who"), in_turn(SLUGS, WHO))
def test_a_text_starts_with_its_subject_then_holds_the_message_shown(
    client: CheckingClient, slug: str, who: str
) -> None:
    answers = everything(who, options=[*OPTIONS_OF[slug]])
    preview = post(client, slug, "preview", **answers).text
    lengths = []
    has_short = parse(preview).find(id="message-short") is not None
    short = "message-short" if has_short else "message"
    for output, area in (("text", "message"), ("short", short)):
        answer = post(client, slug, output, **answers)
        assert answer.data.startswith(codecs.BOM_UTF8), "as older Windows wants it"
        assert b"\n" not in answer.data.replace(b"\r\n", b"")
        text = from_file(answer.data)
        first, empty, body = text.split("\n", 2)
        assert (first, empty) == (f"Objet : {area_of(preview, 'subject')}", "")
        assert body == area_of(preview, area) + "\n"
        assert "Madame, Monsieur," in body.split("\n\n")[:2]
        assert body.endswith("\n\nCamille Durand\n")
        assert not set(text) & set("’‘“”–—…\u00a0\u202f\r\t")
        assert text.encode("cp1252"), "no character that an old form breaks"
        lengths.append(len(body) - 1)
    numbers = [f"{length:,}".replace(",", " ") for length in lengths]
    told = "Le message a {} caractères, la version courte {}.".format(*numbers)
    assert (told in plain(words(parse(preview).main))) == (lengths[1] < lengths[0])


@every_letter
def test_a_short_version_is_offered_only_where_it_is_shorter(
    client: CheckingClient, slug: str
) -> None:
    offers = "#message-short, [data-copy=message-short], [value=short]"
    bare = parse(post(client, slug, "preview").text)
    assert bare.select(offers) == []
    if options := [*OPTIONS_OF[slug]]:
        page = parse(post(client, slug, "preview", options=options, reason="Un métier.").text)
        assert len(page.select(offers)) == 3


@every_letter
def test_every_file_has_the_name_of_its_letter_and_no_other(
    client: CheckingClient, slug: str
) -> None:
    for output, mimetype, large, ending in (
        ("text", "text/plain", "1", ".txt"),
        ("short", "text/plain", "1", "-version-courte.txt"),
        ("pdf", "application/pdf", "", ".pdf"),
        ("pdf", "application/pdf", "1", "-gros-caracteres.pdf"),
    ):
        response = post(client, slug, output, **CANARIES, large=large)
        assert file_of(response, mimetype, f"{slug}{ending}")
        assert not SIGNS.search(str(response.headers))


@pytest.mark.parametrize(("slug", "output"), in_turn(SLUGS, ["", "PDF", "preview\0", "../../etc"]))
def test_an_unknown_output_is_the_preview_and_unknown_answers_change_nothing(
    client: CheckingClient, slug: str, output: str
) -> None:
    more = {"reason2": "x", "language": "en", "nir": "185057512345678", "today": "1999-01-01"}
    response = post(client, slug, output, **more)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert response.data == post(client, slug, "preview").data


@pytest.mark.parametrize(
    ("output", "slug"), in_turn([output for output in OUTPUTS if output != "edit"], SLUGS)
)
def test_no_output_is_made_from_a_bad_answer(
    client: CheckingClient, output: str, slug: str
) -> None:
    response = post(client, slug, output, family_name="", city="字")
    assert check_errors(response).keys() == {"family_name", "city"}


# The calendar


def url_of(response: TestResponse) -> str:
    """The address that a calendar file holds, twice: not every program shows both."""
    [event] = Calendar.from_ical(calendar_of(response)).walk("VEVENT")
    assert str(event["URL"]) in str(event["DESCRIPTION"])
    return str(event["URL"])


def calendar_of(response: TestResponse) -> bytes:
    return file_of(response, "text/calendar", "rappel.ics")


@pytest.mark.parametrize(
    ("slug", "sent_on", "followed_up_on", "day"),
    [
        ("opposition-sante", "21/11/2026", "", "20261222"),
        ("opposition-plateforme", "31/01/2024", "", "20240301"),
        ("information-cnil", "1/1/2018", "01/05/2018", "20180202"),
        ("relance", "03/10/2026", "", "20261206"),  # it goes today
        ("relance", "03/10/2026", "20/11/2026", "20261205"),
        ("relance", "03/10/2026", "2026-10-03", "20261018"),
        # What cannot be a day of follow-up is none.
        ("relance", "03/10/2026", "31/12/9999", "20261206"),
        ("relance", "03/10/2026", "22/11/2026", "20261206"),
        ("relance", "03/10/2026", "02/10/2026", "20261206"),
    ],
)
def test_the_reminder_is_a_month_after_the_sending_or_fifteen_days_after_a_follow_up(
    client: CheckingClient, slug: str, sent_on: str, followed_up_on: str, day: str
) -> None:
    days = {"sent_on": sent_on, "followed_up_on": followed_up_on, "answer_on": ""}
    content = calendar_of(post(client, slug, "calendar", **days))
    assert f"\r\nDTSTART;VALUE=DATE:{day}\r\n".encode() in content
    if slug == "relance":
        assert bundle(client, slug, **days)["rappel.ics"] == content


def test_a_complaint_has_nothing_to_be_reminded_of(client: CheckingClient) -> None:
    response = post(client, "plainte-cnil", "calendar")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert parse(response.text).select("button.quiet[value=calendar]") == []
    assert "rappel.ics" not in bundle(client, "plainte-cnil")


NEEDED = "Indiquez le jour où vous envoyez la lettre, par exemple 03/03/2026."
UNLIKELY = "Indiquez une date entre 2018 et aujourd’hui, par exemple 03/03/2026."


@pytest.mark.parametrize(
    ("slug", "output", "sent_on", "message"),
    [
        ("opposition-sante", "calendar", " ", NEEDED),
        ("opposition-soignant", "calendar", "23/11/2026", UNLIKELY),
        ("opposition-plateforme", "bundle", "31/12/2017", UNLIKELY),
        ("opposition-sante", "day", "23/11/2026", UNLIKELY),
        ("information-cnil", "calendar", "", NEEDED),  # these two ask for it in their form
        ("relance", "calendar", "23/11/2026", UNLIKELY),
    ],
)
def test_a_day_of_sending_that_cannot_be_is_refused_where_it_is_asked_for(
    client: CheckingClient, slug: str, output: str, sent_on: str, message: str
) -> None:
    response = post(client, slug, output, sent_on=sent_on, answer_on="")
    page = parse(response.text)
    assert response.status_code == 422
    assert sentences(page) == {"sent_on": message}
    assert text_of(page.select_one(".error-summary a[href='#sent_on']")).startswith(message)
    assert page.select("#sent_on[aria-invalid=true][aria-describedby~=sent_on-error]")
    ready = heading_of(page) == "Votre lettre est prête"
    assert ready == (slug in OPPOSITIONS)
    if ready:  # the answers are still there, and the letter can be had
        kept = hidden(response)
        kept["output"] = "text"
        assert client.post(f"/fr/lettres/{slug}", data=kept).data == post(client, slug, "text").data


@pytest.mark.parametrize("slug", SLUGS[:5])
@pytest.mark.check(9)
def test_a_calendar_file_tells_nothing_of_anybody(client: CheckingClient, slug: str) -> None:
    mine = calendar_of(post(client, slug, "calendar", **CANARIES))
    theirs = calendar_of(post(client, slug, "calendar", followed_up_on="05/11/2026"))
    text = mine.decode().replace("\r\n ", "")
    assert not SIGNS.search(text)
    assert mine == theirs
    assert not re.search("santé|CNIL|oppos|caisse|données", text.replace("opposition-", ""))


@pytest.mark.parametrize(
    ("slug", "first"),
    [
        ("relance", "opposition-sante"),
        ("information-cnil", "opposition-plateforme"),
        ("relance", "opposition-soignant"),
        ("opposition-plateforme", "opposition-soignant"),  # told with another letter
    ],
)
def test_the_link_of_a_calendar_speaks_of_the_first_letter(
    client: CheckingClient, slug: str, first: str
) -> None:
    response = post(client, slug, "calendar", **CARER_LINES, first_letter=first)
    url = url_of(response)
    wanted = slug if slug in OPPOSITIONS else first
    assert url == f"http://localhost/fr/suivi?lettre={wanted}&envoi=2026-10-03"
    assert client.get(url.removeprefix("http://localhost")).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "headers", "start"),
    [
        (1, {}, "http://localhost/fr/suivi"),
        (1, {"X-Forwarded-Proto": "https"}, "https://localhost/fr/suivi"),
        (
            1,
            {"X-Forwarded-Host": "example.org:8443", "X-Forwarded-Prefix": "/droit/plume"},
            "http://example.org:8443/droit/plume/fr/suivi",
        ),
        (0, {"X-Forwarded-Host": "evil.example"}, "http://localhost/fr/suivi"),
    ],
)
def test_the_links_of_files_hold_behind_a_proxy_that_is_to_be_believed(
    proxies: int, headers: dict[str, str], start: str
) -> None:
    client = site_with(proxy_hops=proxies).test_client()
    calendar, zipped = (
        client.post(f"/fr/lettres/{SLUGS[0]}", data=ANSWERS | {"output": output}, headers=headers)
        for output in ("calendar", "bundle")
    )
    assert url_of(calendar) == f"{start}?lettre=opposition-sante&envoi=2026-10-03"
    assert f"\r\n{start}\r\n" in unzipped(zipped)["LISEZMOI.txt"].decode()
    form = client.get(f"/fr/lettres/{SLUGS[0]}", headers=headers).text
    address = start.replace("suivi", f"lettres/{SLUGS[0]}")
    assert text_of(parse(form).select_one("#telephone strong")) == address
    assert qr_code(address) in form


# The zip


def unzipped(response: TestResponse, name: str = "lettres.zip") -> dict[str, bytes]:
    content = file_of(response, "application/zip", name)
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def bundle(client: CheckingClient, slug: str, *also: str, **changes: Any) -> dict[str, bytes]:
    return unzipped(post(client, slug, "bundle", also=list(also), **changes))


def names_of(*slugs: str, with_short: Collection[str] = ()) -> list[str]:
    short = {slug: ["-version-courte.txt"] if slug in with_short else [] for slug in SLUGS}
    endings = {slug: [".txt", *short[slug], ".pdf"] for slug in SLUGS}
    endings["opposition-soignant"].append("-a-dire.pdf")
    letters = [f"{n}-{slug}{end}" for n, slug in enumerate(slugs, 1) for end in endings[slug]]
    return ["LISEZMOI.txt", *letters, "rappel.ics"]


WITH_ADDITIONS = ("opposition-sante", "opposition-plateforme", "relance")  # by what is ticked below


@pytest.mark.parametrize("asked_from", ["opposition-soignant", "relance", "plainte-cnil"])
def test_the_zip_holds_the_very_files_of_the_single_buttons_in_the_order_of_the_journey(
    client: CheckingClient, asked_from: str
) -> None:
    first = asked_from if asked_from in OPPOSITIONS else "opposition-plateforme"
    # Options are a matter of the tests below: here all have been seen, and some are ticked.
    past: dict[str, Any] = {"first_letter": first, "followed_up_on": "05/11/2026"}
    past |= {"channel": "post"}
    past |= {"shown": EVERY_OPTION, "options": ["cnil", "hebergement", "penal"]}
    lines = CARER_LINES if first == "opposition-soignant" else {}
    found = bundle(client, asked_from, *reversed(SLUGS), **past, **lines)
    wanted = names_of(*SLUGS, with_short=WITH_ADDITIONS)
    assert list(found) == (wanted[:-1] if asked_from == "plainte-cnil" else wanted)
    for number, slug in enumerate(SLUGS, 1):
        own = {} if slug in OPPOSITIONS and slug != asked_from else lines
        outputs = {"text": ".txt", "pdf": ".pdf"}
        if slug in WITH_ADDITIONS:
            outputs["short"] = "-version-courte.txt"
        if slug == "opposition-soignant":
            outputs["slip"] = "-a-dire.pdf"
            own = lines
        for output, ending in outputs.items():
            single = post(client, slug, output, **past, **own)
            assert found[f"{number}-{slug}{ending}"] == single.data


def test_a_letter_alone_makes_a_zip_and_one_named_twice_comes_once(client: CheckingClient) -> None:
    assert list(bundle(client, "opposition-sante")) == names_of(SLUGS[0])
    also = ["opposition-plateforme", "opposition-sante", "opposition-plateforme"]
    for named in (also, ["opposition-plateforme"] * 6):
        assert list(bundle(client, "opposition-sante", *named)) == names_of(*SLUGS[:2])


UNKNOWN = "Choisissez les lettres à ajouter dans la liste de cette page."
TOO_MANY = "Choisissez au plus 6 lettres."


@pytest.mark.parametrize(
    ("message", "also"),
    [
        (UNKNOWN, ["opposition-plateforme", ""]),
        (UNKNOWN, ["opposition-plateforme/../../app"]),
        (TOO_MANY, [*SLUGS, "relance"]),
    ],
)
def test_a_wrong_choice_of_letters_is_refused_and_keeps_the_answers(
    client: CheckingClient, also: list[str], message: str
) -> None:
    response = post(client, "opposition-sante", "bundle", also=also)
    assert (response.status_code, response.mimetype) == (422, "text/html")
    assert message in words(parse(response.text).select_one(".error-summary"))
    assert hidden(response)["given_name"] == "Camille"
    assert hidden(response).getlist("also") == []


def test_the_same_answers_give_the_same_zip_and_large_print_larger_letters(
    client: CheckingClient,
) -> None:
    slug = "opposition-soignant"
    small, again, large = (post(client, slug, "bundle", large=n, **CANARIES) for n in ("", "", "1"))
    assert small.data == again.data
    one, other = unzipped(small), unzipped(large, "lettres-gros-caracteres.zip")
    assert [name.replace("-gros-caracteres", "") for name in other] == [*one]
    larger = [name for name in other if name not in one]
    assert larger == [name for name in other if name.endswith(".pdf")]
    assert min(smallest_type(other[name]) for name in larger) >= 16
    told = {name for name in {*one} & {*other} if one[name] != other[name]}
    assert told == {"LISEZMOI.txt"}, "which names the files"
    lines = other["LISEZMOI.txt"].decode().splitlines()
    assert f"- Feuille à imprimer et à lire à voix haute\u00a0: {larger[-1]}" in lines


@pytest.mark.parametrize("slug", ["opposition-sante", "plainte-cnil"])
@pytest.mark.check(9)
def test_nothing_of_a_person_is_in_a_name_in_the_explanations_or_in_the_reminder(
    client: CheckingClient, slug: str
) -> None:
    response = post(client, slug, "bundle", also=SLUGS, **CANARIES)
    found = unzipped(response)
    assert not SIGNS.search(" ".join(found))
    assert not SIGNS.search(str(response.headers))
    assert not SIGNS.search(found["LISEZMOI.txt"].decode())
    assert not SIGNS.search(found.get("rappel.ics", b"").decode().replace("\r\n ", ""))
    # The canaries do come in the letters: else this would prove nothing.
    texts = [name for name in found if name[0].isdigit() and name.endswith(".txt")]
    letters = [found[name].decode() for name in texts if "version-courte" not in name]
    assert all(SIGNS.search(letter) for letter in letters)
    assert len(letters) == 6


HOW = {
    "opposition-sante": "Envoyez-la par la messagerie de votre caisse (ameli.fr), ou par la poste.",
    "opposition-plateforme": "Envoyez-la par courriel, ou par la poste.",
    "opposition-soignant": "Remettez-la au soignant, ou envoyez-la par la poste.",
    "information-cnil": "Elle est facultative : envoyez-la par la poste si vous le souhaitez.",
    "relance": "Envoyez-la par courriel, ou par la poste.",  # as the letter that it follows up
    "plainte-cnil": "Déposez-la sur le site de la CNIL, ou postez-la, avec ses pièces jointes.",
}


def test_the_explanations_tell_how_to_send_each_letter_and_what_to_do_with_each_file(
    client: CheckingClient,
) -> None:
    past = {"first_letter": "opposition-plateforme"}
    found = bundle(client, "relance", *SLUGS, **past, followed_up_on="20/11/2026")
    text = plain(from_file(found["LISEZMOI.txt"]))
    places = [text.index(name) for name in found if name != "LISEZMOI.txt"]
    assert places == sorted(places)
    for number, (slug, how) in enumerate(HOW.items(), 1):
        title = plain(CATALOGUE.wordings[slug].title)
        assert f"{number}. {title} {how} - Texte à coller" in text
        assert all(plain(limit) in text for limit in CATALOGUE.wordings[slug].limits)
    assert "le 5 décembre 2026, de vérifier la réponse" in text
    assert "http://localhost/fr/suivi" in text


def test_an_option_that_no_letter_has_shown_yet_has_its_default_in_the_zip(
    client: CheckingClient,
) -> None:
    found = bundle(
        client, "opposition-soignant", *SLUGS[:3], options=[], shown=["logiciel", "deces"]
    )
    # But for the one that says a thing of the person which nobody has asked them yet.
    for name, slug in (("1-opposition-sante", SLUGS[0]), ("2-opposition-plateforme", SLUGS[1])):
        single = post(client, slug, "text", options=["hebergement"], shown=EVERY_OPTION)
        assert found[f"{name}.txt"] == single.data
        assert "Scaleway" in single.text


def test_a_follow_up_of_the_same_zip_has_not_been_sent_yet(client: CheckingClient) -> None:
    for day, sent in (("21/11/2026", False), ("05/11/2026", True)):
        found = bundle(client, "relance", "plainte-cnil", followed_up_on=day)
        complaint = found["2-plainte-cnil.txt"].decode()
        assert ("je lui ai adressé un rappel" in complaint) is sent
        assert ("copie du rappel" in complaint) is sent


@pytest.mark.parametrize(
    ("asked_from", "missing", "field", "changes"),
    [
        ("opposition-plateforme", "opposition-sante", "recipient", {"recipient": ""}),
        ("opposition-sante", "plainte-cnil", "sent_on", {"sent_on": ""}),
        (
            "opposition-sante",
            "relance",
            "outcome",
            {"sent_on": "22/10/2026", "outcome": "silence"},
        ),
    ],
)
def test_a_letter_of_the_set_that_lacks_an_answer_asks_for_it(
    client: CheckingClient, asked_from: str, missing: str, field: str, changes: dict[str, str]
) -> None:
    response = post(client, asked_from, "bundle", also=[missing], city="Brest", **changes)
    assert check_errors(response).keys() == {field}
    assert main_form(response.text)["action"] == f"/fr/lettres/{missing}"
    kept = shown(response.text)
    assert (kept["given_name"], kept["city"]) == ("Camille", "Brest")


def ticked(response: TestResponse) -> list[str]:
    return [str(box["value"]) for box in parse(response.text).select("[name=also][checked]")]


def test_the_letters_ticked_for_the_zip_are_not_lost_when_one_lacks_an_answer(
    client: CheckingClient,
) -> None:
    also = ["opposition-sante", "information-cnil", "relance", "absente"]
    asked = post(client, "opposition-plateforme", "bundle", recipient="", also=also[:2])
    assert asked.status_code == 422
    carried = posted(asked.text, recipient="01751")
    assert carried.getlist("also") == ["opposition-plateforme", "information-cnil"]
    result = client.post("/fr/lettres/opposition-sante", data=carried)
    assert result.status_code == 200
    assert ticked(result) == ["opposition-plateforme", "information-cnil"]
    # Neither its own letter, nor one that comes later, nor one that there is not.
    wrong = post(client, "opposition-sante", "bundle", also=also)
    assert wrong.status_code == 422
    assert ticked(wrong) == ["information-cnil"]
    edited = post(client, "opposition-sante", "edit", also=also)
    assert posted(edited.text).getlist("also") == ["information-cnil"]
    assert ticked(post(client, "opposition-sante", "preview")) == []


def test_without_a_day_of_sending_the_zip_counts_from_today(client: CheckingClient) -> None:
    found = bundle(client, "opposition-sante", "information-cnil", sent_on="")
    assert b"DTSTART;VALUE=DATE:20261222\r\n" in found["rappel.ics"]
    assert "J'adresse aujourd'hui" in found["2-information-cnil.txt"].decode()


# PDFs


def words_of(content: bytes) -> str:
    """The words of a PDF, whatever lines they are on."""
    with closing(pypdfium2.PdfDocument(content)) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return plain("".join(pages).replace("\ufffe", "").replace("\x02", ""))


def smallest_type(content: bytes) -> float:
    """The smallest type of a PDF, in points."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        return min(round(char["size"], 1) for page in document.pages for char in page.chars)


def test_a_letter_is_in_large_print_if_asked(client: CheckingClient) -> None:
    small, other, large = (post(client, SLUGS[0], "pdf", large=n).data for n in ("", "0", "1"))
    assert smallest_type(large) >= 16 > smallest_type(small)
    assert small == other


def test_the_slip_holds_the_sentences_to_say_aloud(client: CheckingClient) -> None:
    slug = "opposition-soignant"
    people = everything("protected", slug)
    page = parse(post(client, slug, "preview", **people).text)
    said = [words(line) for line in page.select(".spoken p")]
    assert "Léo Martin" in said[0]
    assert said[3:] == ["Camille Durand"]
    small, large = (post(client, slug, "slip", large=n, **people) for n in ("", "1"))
    printed = words_of(file_of(small, "application/pdf", f"{slug}-a-dire.pdf"))
    assert " ".join(said) in printed
    assert smallest_type(large.data) >= 16


def test_a_letter_without_sentences_to_say_gives_its_page(client: CheckingClient) -> None:
    for slug in {*SLUGS} - {"opposition-soignant"}:
        response = post(client, slug, "slip")
        assert (response.status_code, response.mimetype) == (200, "text/html")
        assert parse(response.text).select(".spoken, button[value=slip]") == []


@pytest.mark.parametrize(
    ("broken", "output"), [("pdf", "pdf"), ("spoken", "slip"), ("spoken", "bundle")]
)
def test_when_the_pdf_fails_the_letter_and_the_answers_stay(
    client: CheckingClient, monkeypatch: pytest.MonkeyPatch, broken: str, output: str
) -> None:
    def fail(*args: object, **kwargs: object) -> bytes:
        raise RuntimeError("Ornithoryx")

    monkeypatch.setattr(pdf, broken, fail)
    response = post(client, "opposition-soignant", output, also=["information-cnil"], **CANARIES)
    letter = post(client, "opposition-soignant", "preview", **CANARIES)
    page = parse(response.text)
    assert (response.status_code, response.mimetype) == (500, "text/html")
    assert title_of(page).startswith("Erreur")
    assert "Vos réponses sont toujours là." in words(page.select_one(".error-summary"))
    assert page.select_one("#letter") == parse(letter.text).select_one("#letter")
    assert sorted(hidden(response).items(multi=True)) == sorted(hidden(letter).items(multi=True))
    assert ticked(response) == ["information-cnil"]
    assert parse(letter.text).select(".error-summary") == []
