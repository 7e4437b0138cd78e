"""For gunicorn: deploy/gunicorn.conf.py, but no process looks at how many PDFs another has.

One of the configurations that `bench.serving` compares; nobody else uses it.
"""

from pathlib import Path

from deploy.worker import Worker

CONF = Path(__file__).parents[1] / "deploy" / "gunicorn.conf.py"
exec(compile(CONF.read_text(encoding="utf-8"), CONF, "exec"))  # noqa: S102  our own file
Worker.wait_for_and_dispatch_events = Worker.__base__.wait_for_and_dispatch_events
