"""What of an import's options is wrong by itself is told before the list is read: a long one takes seconds.

What only the list can tell stays for then: a column that it lacks, a sheet that there is not, and a name that a
campaign has already, which matters only where anything of the list is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gateway.cli.context import opened
from gateway.cli.import_times import span
from gateway.cli.send import check, check_sender, check_time, check_wanted
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.merge.choosing import Texts
    from gateway.settings import Settings

ONE_SMS = "?"  # how long the samples are nobody knows before the list is read


def refuse_early(settings: Settings, given: dict[str, Any], texts: Texts | None, moment: datetime) -> None:
    """Raises UsageProblem or GatewayError."""
    check_sender(settings, given["sender"])
    check_time(settings, given["not_before"], "--not-before")
    span(given["lookback"], "--lookback")
    _check_name(given["name"])
    msisdn = _sample(settings, given, moment)
    _check_texts(texts)
    if texts is not None and not given["is_dry_run"]:
        _check_database(settings, given, msisdn)


def sample_number(settings: Settings, given: dict[str, Any]) -> str:
    """To which the samples go. Raises UsageProblem when nobody has said it."""
    number = given["sample_to"] or settings.campaign.sample_to
    if not number:
        raise UsageProblem(_("To which number? Give --sample-to, or sample_to in the table [campaign]."))
    return str(number)


def _sample(settings: Settings, given: dict[str, Any], moment: datetime) -> str | None:
    """The number of the samples in E.164, if there are to be any."""
    if not given["sample"]:
        if given["sample_to"] is not None:
            raise UsageProblem(_("--sample-to belongs to --sample, which says how many texts: --sample 3."))
        return None
    from gateway.queue.adding import NewMessage

    named = {name: given[name] for name in ("category", "sender")}
    sample = NewMessage(sample_number(settings, given), ONE_SMS, **named)
    with _about_sample(given):
        return check(settings, sample, moment)


@contextmanager
def _about_sample(given: dict[str, Any]) -> Iterator[None]:
    """What is wrong is so with the samples, not with the list."""
    try:
        yield
    except GatewayError as problem:
        option = "--sample-to" if given["sample_to"] else "sample_to"
        raise GatewayError(_("{option}: {problem}").format(option=option, problem=problem)) from problem


def _check_name(name: str | None) -> None:
    if name is not None:
        from gateway.queue import campaigns

        campaigns.check_name(name)


def _check_texts(texts: Texts | None) -> None:
    from gateway.merge.preparing import names_wanted

    if texts is not None:
        names_wanted(texts)


def _check_database(settings: Settings, given: dict[str, Any], msisdn: str | None) -> None:
    """Raises GatewayError. A dry run, which asks for it later, does without one when there is none yet."""
    with opened(settings) as connection, _about_sample(given):
        if msisdn is not None:
            check_wanted(connection, settings, msisdn, given["category"])
