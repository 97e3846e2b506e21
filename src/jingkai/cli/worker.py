"""The background process beside the web server: queued jobs, periodic tasks, sealing the audit.

Start it with `python -m jingkai.cli.worker`; more of them, on more machines, share the work.
"""

from __future__ import annotations

import logging
import os
import threading

SEAL_SECONDS = 2.0
logger = logging.getLogger(__name__)


def seal_until(stopped: threading.Event) -> None:
    """Give new audit events their place in the chain until `stopped` is set.

    A database that is away for a while is no reason to end: the next pass seals what was missed.
    """
    from django.db import DatabaseError, close_old_connections, connection
    from django.utils import timezone

    from jingkai.core.audit.public import Sealer

    sealer = Sealer()

    while not stopped.wait(SEAL_SECONDS):
        try:
            while sealer.seal(now=timezone.now()) and not stopped.is_set():
                pass
        except DatabaseError:
            logger.exception("Sealing the audit trail failed; trying again")
        finally:
            close_old_connections()
    connection.close()


def main() -> None:
    """Work until SIGINT or SIGTERM; a job in hand is finished first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingkai.settings")
    import django

    django.setup()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from jingkai.core.jobs.public import HEARTBEAT_SECONDS, STALLED_SECONDS

    assert isinstance(app.connector, DjangoConnector)
    stopped = threading.Event()
    sealer = threading.Thread(target=seal_until, args=[stopped], name="sealer")
    sealer.start()
    try:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            working.run_worker(
                concurrency=int(os.environ.get("JINGKAI_WORKER_CONCURRENCY", "2")),
                shutdown_graceful_timeout=20,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                delete_jobs="successful",
            )
    finally:
        stopped.set()
        sealer.join()


if __name__ == "__main__":
    main()
