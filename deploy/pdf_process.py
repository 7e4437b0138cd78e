"""What a process that draws PDFs has loaded: the renderer, and nothing of a person.

Imported once by the forkserver that deploy/serve.py starts; the processes made from it share this
memory, come ready, and say nothing. What fails here fails again for each PDF, and is told there.
"""

import gc
import logging
import os
from contextlib import suppress

from letters.model import Letter, Line, Paragraph
from letters.render import press

NICE = 10  # pages come first: nine times as much of a core as a PDF

logging.raiseExceptions = False  # a mistake in a call of the log is told with all its arguments
logging.lastResort = None
with suppress(OSError):  # WeasyPrint and fontconfig complain in English, on stdout and stderr
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.close(quiet)
with suppress(OSError):  # forbidden: pages are slower while PDFs are made, no more
    os.nice(NICE)

text = (Paragraph("Une lettre pour préparer la police, les styles et les bibliothèques."),)
with suppress(press.PressError):
    press.draw(Letter((Line("Camille Durand"),), ("Brest",), "", "Essai", text, text, "C. D."))
# Objects made so far stay out of the collector's sight: the memory goes on being shared.
gc.collect()
gc.freeze()
