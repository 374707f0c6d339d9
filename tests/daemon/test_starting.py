"""What the daemon sees to before anything is sent: here, that a queue which is gone is not replaced by an empty one."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from gateway.daemon.lock import lock_file
from gateway.daemon.starting import refuse_missing, settle_down
from gateway.errors import GatewayError
from gateway.queue import db


@pytest.mark.parametrize("is_service", [True, False])
@pytest.mark.parametrize("is_there", [True, False], ids=["an empty file", "no file"])
def test_where_a_daemon_has_run_an_empty_file_is_no_queue_either(
    tmp_path: Path, is_there: bool, is_service: bool
) -> None:
    database = tmp_path / "gateway.db"
    if is_there:
        database.touch()
    lock_file(database).touch()
    with pytest.raises(GatewayError, match="Is its disk mounted"):
        refuse_missing(database, is_service=is_service)


def test_a_queue_that_is_there_is_taken_and_at_the_first_start_by_hand_none_is_needed(tmp_path: Path) -> None:
    database = tmp_path / "gateway.db"
    refuse_missing(database, is_service=False)
    assert not database.exists()  # whoever starts creates it
    db.create_or_upgrade(database)
    lock_file(database).touch()
    before = database.read_bytes()
    refuse_missing(database, is_service=True)
    assert database.read_bytes() == before


def test_what_is_there_when_the_work_begins_is_no_longer_searched_for_what_is_garbage() -> None:
    try:
        settle_down()
        assert len(gc.get_objects()) < gc.get_freeze_count()
    finally:
        gc.unfreeze()
