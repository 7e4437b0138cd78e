"""How answers arrive from the page of another letter: nothing is kept on the server.

Every page of ours passes all answers on, in hidden fields. What this letter makes of them is
settled here, before its form reads them; the form then changes no answer.
"""

from werkzeug.datastructures import MultiDict

from letters.catalogue import Catalogue
from letters.cleaning import clean_lines, contains_nir
from letters.model import CHANNELS
from letters.wording import LATER_STEPS, Wording

# What came of an earlier letter.
_HISTORY = ("answer_on", "followed_up_on", "missing", "outcome", "received_on")


def arriving(
    answers: "MultiDict[str, str]",
    wording: Wording,
    catalogue: Catalogue,
    own: frozenset[str],
    ways: list[str],
) -> "MultiDict[str, str]":
    """The answers as the letter of `wording` takes them.

    Its page shows the options `own`, and asks for one of `ways`, the usual one first.
    """
    settled = MultiDict(answers)
    is_ours = answers.get("from_letter") in catalogue.wordings
    shown = catalogue.option_names & {*answers.getlist("shown")}
    ticked = [name for name in answers.getlist("options") if name in catalogue.option_names]
    if shown or is_ours:  # the defaults of options that no letter has shown so far
        ticked += sorted(wording.default_options - shown)
    settled.setlist("options", list(dict.fromkeys(ticked)))
    settled.setlist("shown", sorted(shown | own))
    told = answers.get("first_letter", wording.slug)
    said_of, _space, said = answers.get("channel_of", "").partition(" ")
    is_another_s = said_of != told and said == answers.get("channel")
    if wording.step in LATER_STEPS and said and is_another_s:  # how another letter went
        settled.poplist("channel")
    if ways and answers.get("channel") in {*CHANNELS} - {*ways}:  # a way that others take
        settled["channel"] = ways[0]
    if told != wording.slug and not wording.speaks_of_earlier_letter:  # of another letter
        for name in (*_HISTORY, *(("sent_on",) if is_ours else ())):  # of it, from its page
            # A number is for the form to take out, and to tell.
            if not contains_nir(clean_lines(answers.get(name, ""))):
                settled.poplist(name)
    return settled
