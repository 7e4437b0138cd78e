"""Turn a day into a calendar file that reminds the person to look for an answer.

Calendars are shared, on a phone's lock screen and with a family or a team: the file says neither
who writes, nor to whom, nor about what, but for what the given address says. Format: RFC 5545
(iCalendar). Limits: one all-day event, no time zone, no repetition; the day comes from
`deadlines.py`, the address from the route.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import CLASS, TRANSP, Alarm, Calendar, Event

PRODUCT = "-//Droit de plume//Rappel//FR"
# A day of the person's own time zone begins at midnight (RFC 5545, 3.8.6.3).
NINE_O_CLOCK = timedelta(hours=9)

_ADDRESS = re.compile(r"https?://[!-~]+")


def reminder(day: date, sent_on: date, url: str, summary: str, description: str) -> bytes:
    """An iCalendar file with one event: look for an answer on `day`.

    `summary` is its title, `description` what stands before the address, in whatever language.
    `sent_on` dates the file itself, so that the same input gives the same bytes. `url` is the
    page to open then, whole (http or https), already percent-encoded; what it says, the file
    says: no personal data in it. Raises ValueError for another kind of address.
    """
    if not _ADDRESS.fullmatch(url):
        raise ValueError("l’adresse du rappel n’est pas une adresse http complète")
    alarm = Alarm()  # RFC 5545, 3.6.6: what a display alarm must have, and no more
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", NINE_O_CLOCK)
    alarm.add("description", summary)
    event = Event.new(
        # The same for the same reminder, so that importing it twice makes one event. It holds no
        # host and no user, as RFC 7986, 5.3 asks, but is named by the reminder rather than random:
        # two people with the same day and address get the same one, for the same event.
        uid=str(uuid5(NAMESPACE_URL, f"{day.isoformat()} {url}")),
        stamp=datetime.combine(sent_on, time.min, UTC),
        start=day,  # RFC 5545, 3.6.1: a date, without an end, lasts that whole day
        summary=summary,
        description=f"{description}\n{url}",
        url=url,
        classification=CLASS.PRIVATE,
        transparency=TRANSP.TRANSPARENT,  # the day stays free for others to book
        subcomponents=[alarm],
    )
    calendar = Calendar()  # not Calendar.new: it adds a random UID
    calendar.prodid = PRODUCT
    calendar.version = "2.0"
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
