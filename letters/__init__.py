"""Turn a jurist's wording and a person's answers into a letter.

    texts/*.md ── wording_parser.parse ──▶ Wording ─┐
    web/form/ ── clean, validate ──▶ LetterRequest ─┤
    the route ── today ─┘
                                             ▼
                          compose.compose(wording, request, today) ──▶ Letter
                                             ▼
     render.text · render.html · render.pdf · render.calendar · render.archive ──▶ str or bytes

A later letter (information, follow-up, complaint) speaks of an earlier one: what it needs of it
travels in the request as an `EarlierLetter`, and the days that follow come from `deadlines`.
The reading aid of a page in another language is the same letter, composed from the translations of
its texts (`gloss`, texts/lecture.*.po), and shown beside it.
Everything is frozen, nothing is stored, and nothing below `web` knows Flask or WTForms.
"""

__version__ = "0.1.0"
