"""For gunicorn: deploy/gunicorn.conf.py, but PDFs are drawn at the priority of all the rest.

One of the configurations that `bench.serving` compares; nobody else uses it.
"""

from pathlib import Path

from letters.web import pdfs

CONF = Path(__file__).parents[1] / "deploy" / "gunicorn.conf.py"
exec(compile(CONF.read_text(encoding="utf-8"), CONF, "exec"))  # noqa: S102  our own file
pdfs.NICE = 0
