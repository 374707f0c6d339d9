"""What the operating system refuses is told in the language of whoever reads it."""

from __future__ import annotations

import errno
import os

import pytest

from gateway import system_words


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_what_a_person_can_mend_is_among_the_words_that_are_translated(number: int) -> None:
    assert os.strerror(number) in system_words.WORDS


def test_words_in_a_catalogue_are_taken_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_words, "translated", {"No space left on device": "на диске нет места"}.__getitem__)
    assert system_words.reason(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) == "на диске нет места"


def test_other_words_stay_as_the_system_has_them_and_none_is_the_kind_of_error() -> None:
    assert system_words.reason(OSError(errno.EMLINK, os.strerror(errno.EMLINK))) == os.strerror(errno.EMLINK)
    assert system_words.reason(FileNotFoundError()) == "FileNotFoundError"
