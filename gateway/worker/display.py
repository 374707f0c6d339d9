"""How a worker and its carrier stand, for other threads and for people: put together from what each part knows.

The words are shown.py's. Any thread may ask; nothing here changes anything.
"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from gateway.carrier import Carrier, CarrierStatus
from gateway.i18n import _
from gateway.life import Life
from gateway.queue.orders import Pause
from gateway.worker.errands import Errands
from gateway.worker.permission import Permission
from gateway.worker.pulse import Pulse
from gateway.worker.purse import Purse
from gateway.worker.shown import Known, shown, state
from gateway.worker.treatment import Treatment

SLOW_S = 10.0  # a modem hands an SMS over within 2 to 6 s


class Display:
    """Of one worker."""

    def __init__(
        self,
        carrier: Carrier,
        pulse: Pulse,
        permission: Permission,
        treatment: Treatment,
        errands: Errands,
        purse: Purse,
        timezone: ZoneInfo,
    ) -> None:
        self._carrier = carrier
        self._pulse = pulse
        self._permission = permission
        self._treatment = treatment
        self._errands = errands
        self._purse = purse
        self._timezone = timezone

    @property
    def is_in_service(self) -> bool:
        """Whether it sends, now or after a limit or quiet hours; also one that was out of service and is on trial."""
        is_ready = self._carrier.status().state == Life.READY and not self._pulse.is_hung
        return (
            is_ready
            and not (self._treatment.is_pending or self._treatment.is_watched)
            and self._permission.is_in_service
        )

    @property
    def is_able(self) -> bool:
        """Whether it sends what it is given, at once or soon."""
        return self.is_in_service and self._permission.takes and not self._is_slow

    @property
    def _is_slow(self) -> bool:
        """Whether its modem has kept an SMS for long: what has not begun may go by the next carrier of its way."""
        pulse = self._pulse
        return pulse.is_in_the_air and pulse.time.monotonic() - pulse.moved_at > SLOW_S

    @property
    def state(self) -> str:
        """The state alone: it is looked at many times a second, and nearly always it is the carrier's own word."""
        own = self._carrier.status().state
        return own if self._is_plain else state(own, self._known())

    def status(self) -> CarrierStatus:
        """The carrier's own word, and what its worker knows besides."""
        pause, hold = self._errands.pause, self._permission.leave.detail(self._pulse.time.now())
        found = shown(self._carrier.status(), self._known(self._words_of(pause) if pause else "", hold))
        error, error_at = self._treatment.last or ("", None)
        return replace(found, last_error=error, last_error_at=error_at)

    @property
    def _is_plain(self) -> bool:
        """Whether the worker knows nothing that makes another state of the carrier's own."""
        treatment = self._treatment
        is_treated = treatment.is_pending or treatment.is_applied or treatment.is_watched or treatment.is_in_doubt
        is_held = self._pulse.is_hung or self._errands.pause is not None or self._permission.leave.block is not None
        return not (is_held or is_treated or treatment.is_failed)

    def _known(self, pause: str = "", hold: str = "") -> Known:
        return Known(
            name=self._carrier.name,
            trouble=self._treatment.trouble,
            is_failed=self._treatment.is_failed,
            is_hung=self._pulse.is_hung,
            is_treated=self._treatment.is_applied or self._treatment.has_remedy,
            is_climbing=self._treatment.is_in_doubt,
            own_fault=self._treatment.own_fault,
            watch=self._treatment.watch if self._treatment.is_watched else "",
            pause=pause if self._errands.pause else None,
            is_busy=self._pulse.is_busy,
            block=hold if self._permission.leave.block else None,
            hold=hold or self._purse.trouble,
        )

    def _words_of(self, pause: Pause) -> str:
        at = pause.at.astimezone(self._timezone).strftime("%Y-%m-%d %H:%M")
        return _("Paused since {at}: {reason}.").format(at=at, reason=pause.reason or _("no reason given"))
