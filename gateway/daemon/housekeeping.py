"""What is done now and then beside the sending, in threads of its own: a job that hangs or fails stops no message."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from gateway.alarms.watching import Watch
from gateway.clock import Clock, utc_now
from gateway.queue import retention
from gateway.queue.db import UnusableError, open_database, plain_errors
from gateway.settings import Settings

# A late job is still run (the library's own default is to skip one that is a second late), and never twice at once.
JOB_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
TIDY_EVERY_H = 1
RETENTION_EVERY_H = 1
BREATH_S = 0.05  # between two batches of retention: meanwhile everybody else can write
LOOK_EVERY_S = 15  # for alarms: soon enough for a person, some milliseconds of work
LOOK_SOON = timedelta(seconds=1)  # after a carrier's state has changed: it is written down by then
TELL_EVERY_S = 5  # of alarms; an empty round is one look at an index
# While it waits for readers to end, a checkpoint shuts all writers out; one that comes to nothing is made up for later.
CHECKPOINT_WAIT_S = 0.1

log = structlog.get_logger("gateway.housekeeping")


class Housekeeping:
    """The scheduler with its jobs."""

    def __init__(self, settings: Settings) -> None:
        self._scheduler = BackgroundScheduler(job_defaults=JOB_DEFAULTS, timezone="UTC", daemon=True)
        self._scheduler.add_listener(_say, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._stopping = threading.Event()
        self._settings, self._watch = settings, Watch(settings)
        self._add("tidy", lambda: tidy(self._settings.gateway.database), hours=TIDY_EVERY_H)
        self._add("retention", lambda: retain(self._settings, self._stopping), hours=RETENTION_EVERY_H)
        self._add("alarms", lambda: self._watch.look(), seconds=LOOK_EVERY_S, next_run_time=utc_now())
        self._add("notices", lambda: self._watch.tell(), seconds=TELL_EVERY_S)

    def start(self) -> None:
        self._scheduler.start()

    def apply(self, settings: Settings) -> None:
        """Go by this configuration from now on; nothing is put off by it, however often it comes."""
        self._settings, self._watch = settings, Watch(settings, outside=self._watch.outside)
        self._scheduler.modify_job("alarms", next_run_time=utc_now())

    def look_soon(self) -> None:
        """A carrier is in another state: a person should hear of it before the next round."""
        soon = utc_now() + LOOK_SOON
        if not self._stopping.is_set() and self.next_run_at("alarms") > soon:
            self._scheduler.modify_job("alarms", next_run_time=soon)

    def keep_up(self, now: datetime) -> None:
        """A clock that was set back puts nothing off: the scheduler would wait for the time that it had been told."""
        for job in self._scheduler.get_jobs():
            if job.next_run_time - now > job.trigger.interval + LOOK_SOON:
                job.modify(next_run_time=now)

    def next_run_at(self, name: str) -> datetime:
        """When the job of this name is due."""
        moment: datetime = self._scheduler.get_job(name).next_run_time
        return moment

    def stop(self) -> None:
        """Start no further job; those that run are left to the end of the process. May be called twice."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _add(self, name: str, job: Callable[[], None], **when: Any) -> None:
        self._scheduler.add_job(self._run, "interval", (name, job), id=name, **when)

    def _run(self, name: str, job: Callable[[], None]) -> None:
        """What is wrong with the database's file is one sentence; any other fault has its traceback."""
        try:
            with plain_errors(self._settings.gateway.database):
                job()
        except UnusableError as fault:
            log.error("job_failed", job=name, reason=str(fault))
        except Exception as fault:  # a job that fails must not end the others
            log.exception("job_failed", job=name, fault=type(fault).__name__)


def tidy(database: Path) -> None:
    """Give the write-ahead log's space back and refresh the query planner's figures."""
    with closing(open_database(database, busy_timeout_s=CHECKPOINT_WAIT_S)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with closing(open_database(database)) as connection:
        connection.execute("PRAGMA optimize")


def retain(settings: Settings, stopping: threading.Event, clock: Clock = utc_now) -> None:
    """Empty and delete what is older than [retention] keeps, batch by batch."""
    with closing(open_database(settings.gateway.database)) as connection:
        while retention.run(connection, settings.retention, clock()) and not stopping.wait(BREATH_S):
            pass


def _say(event: JobEvent) -> None:
    """It was not run: too late for it, or it still runs."""
    log.error("job_missed" if event.code == EVENT_JOB_MISSED else "job_still_runs", job=event.job_id)
