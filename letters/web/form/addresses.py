"""Which address a letter bears: what the person typed, else the one that we know.

That is the whole rule. A known address is never put into a box, so that what stands in a box was
typed by somebody; it is asked about where it looks like another's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from letters.postal import postal_capitals
from letters.recipients import OTHER, Recipient, Recipients
from letters.web.form.questions import FUND
from letters.web.languages import gettext as _

Choices = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one form: `fund_code` was chosen, `typed` holds lines by kind.

    `funds` can be chosen, `fixed` are those that everybody writes to, by kind.
    """

    funds: Recipients
    fixed: Recipients
    fund_code: str
    typed: Mapping[str, tuple[str, ...]]

    @property
    def fund(self) -> Recipient | None:
        return self.funds.find(self.fund_code)

    @property
    def is_chosen(self) -> bool:
        """Whether a fund was chosen, or the way out of the list."""
        return bool(self.fund) or self.fund_code == OTHER

    @property
    def on_ameli(self) -> bool:
        """Whether the chosen fund is written to from ameli.fr: those of a department are."""
        return bool(self.fund and self.fund.department)

    def known(self, kind: str) -> Recipient | None:
        """Whom we know of a kind, with an address."""
        found = self.fund if kind == FUND else self.fixed.find(kind)
        return found if found and found.has_address else None

    def address_lines(self, kind: str) -> tuple[str, ...]:
        """The lines to print; empty if nobody knows them."""
        known = self.known(kind)
        return self.typed[kind] or (known.address_lines if known else ())

    def used(self, kind: str) -> Recipient | None:
        """Whom we know of a kind, if the letter bears that address."""
        return None if self.typed.get(kind) else self.known(kind)

    def names_another(self) -> bool:
        """Whether the address typed for the chosen fund names somebody else whom we know."""
        if not self.fund or not self.typed[FUND]:
            return False
        first = self.typed[FUND][0]
        others = {postal_capitals(fund.name) for fund in self.funds if fund != self.fund}
        named = any(recipient.is_named_by(first) for recipient in self.fixed)
        return named or postal_capitals(first) in others


def fund_choices(funds: Recipients) -> Choices:
    """The funds for a `<select>`, grouped: {group: [(code, label), …]}.

    A local fund's label begins with its department: people know theirs, and a keyboard finds it.
    """
    choices: Choices = {"": [("", _("Choisissez votre caisse"))]}
    for department, recipients in funds.by_department():
        group = choices.setdefault(_("Par département") if department else _("Autres régimes"), [])
        several = len(recipients) > 1
        group += [(fund.code, _label(fund, among_several=several)) for fund in recipients]
    choices[_("Autres régimes")].append((OTHER, _("Autre organisme : j’écris son adresse")))
    return choices


def _label(fund: Recipient, *, among_several: bool) -> str:
    if not fund.department:
        return fund.name
    if not among_several:
        return f"{fund.department} – {fund.name}"
    # The three middle digits of the organism code stand on every « attestation de droits ».
    return f"{fund.department} ({fund.code[2:]}) – {fund.department_name}, {fund.name}"
