"""What intake hangs onto other rooms: the reading job, and the sentences behind records."""

from __future__ import annotations

from jingkai.core.jobs.public import register_job
from jingkai.delivery.policy.public import register_sentence_source

from .queries import sentences_of
from .services.publishing import PUBLISH_JOB, publish_job
from .services.reading import read_job
from .services.uploading import READ_JOB


def connect() -> None:
    from . import audit_actions  # noqa: F401  # registers its words

    register_job(READ_JOB, read_job)
    register_job(PUBLISH_JOB, publish_job)
    register_sentence_source("intake", sentences_of)
