"""What is done now and then beside the sending, in a thread of its own: a job that hangs or fails stops no message."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from gateway.queue.db import open_database

# A late job is still run (the library's own default is to skip one that is a second late), and never twice at once.
JOB_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
TIDY_EVERY_H = 1
# While it waits for readers to end, a checkpoint shuts all writers out; one that comes to nothing is made up for later.
CHECKPOINT_WAIT_S = 0.1

log = structlog.get_logger("gateway.housekeeping")


def start(database: Path) -> BackgroundScheduler:
    """The running scheduler; the caller shuts it down with `shutdown(wait=False)`."""
    scheduler = BackgroundScheduler(job_defaults=JOB_DEFAULTS, timezone="UTC", daemon=True)
    scheduler.add_listener(_say, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    scheduler.add_job(tidy, "interval", hours=TIDY_EVERY_H, args=[database], id="tidy")
    scheduler.start()
    return scheduler


def tidy(database: Path) -> None:
    """Give the write-ahead log's space back and refresh the query planner's figures."""
    with closing(open_database(database, busy_timeout_s=CHECKPOINT_WAIT_S)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with closing(open_database(database)) as connection:
        connection.execute("PRAGMA optimize")


def _say(event: JobExecutionEvent) -> None:
    log.error("job_failed", job=event.job_id, fault=type(event.exception).__name__ if event.exception else "missed")
