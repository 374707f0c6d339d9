"""Deliberate breakings of the gateway: each must fall in the simulation, or the simulation does not see what it should.

A breaking is a few words in one file of the gateway, and the wrong words that stand there instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Breaking:
    """One mistake that somebody might make."""

    file: str  # below gateway/
    says: str  # once in the file
    instead: str

    def of(self, text: str) -> str:
        """The file's text with the mistake in it."""
        if text.count(self.says) != 1:
            raise ValueError(f"gateway/{self.file} does not say it once: {self.says}")
        return text.replace(self.says, self.instead)


_LIMITS = {
    "a day's limit lets one more out": Breaking("plan/ledger.py", ".count(now) >= cap.most", ".count(now) > cap.most"),
    "a minute has 55 s": Breaking("plan/limits.py", "timedelta(minutes=1)", "timedelta(seconds=55)"),
    "the day begins at midnight UTC": Breaking("plan/limits.py", "time.min, tzinfo=timezone)", "time.min, tzinfo=UTC)"),
    "a new SIM has all its limits": Breaking("plan/limits.py", "if age_s >= self.warm_up_s:", "if age_s >= 0:"),
    "a clock put back counts anew": Breaking(
        "queue/spending.py",
        "UPDATE OR IGNORE spent SET was_at = iif(was_at = '', at, was_at), at = :now WHERE",
        "DELETE FROM spent WHERE",
    ),
    "an SMS without an answer costs nothing": Breaking(
        "worker/leave.py", "isinstance(outcome, Accepted | Uncertain)", "isinstance(outcome, Accepted)"
    ),
    "quiet hours are not kept": Breaking(
        "worker/leave.py", "return URGENT_RANK if self._plan.window(now, self._zone) else 0", "return 0"
    ),
    "a pause is ignored": Breaking(
        "worker/permission.py", "return not self.is_held and (self._gate is None", "return (self._gate is None"
    ),
}
_TWICE = {
    "an uncertain SMS is sent twice more": Breaking("queue/retry.py", "UNANSWERED_LIMIT = 2", "UNANSWERED_LIMIT = 3"),
    "an uncertain code is sent again": Breaking(
        "queue/rules.py", "15 * 60.0, WhenUncertain.NEVER", "15 * 60.0, WhenUncertain.ONCE"
    ),
    "what was in the air in a power cut is sent again": Breaking(
        "queue/recovery.py",
        "recording.interrupted(connection, rules, begun, now)",
        "connection.execute(\"UPDATE segments SET state = 'open' WHERE id = ?\", (begun,))\n"
        "        go_on(connection, message, now)",
    ),
    "silence is taken for a refusal": Breaking(
        "modem/submit.py",
        'NO_ANSWER = Uncertain("no_answer", _("The modem took the SMS and gave no answer."))',
        'NO_ANSWER = Deferred("no_answer", "", Scope.DEVICE)',
    ),
    "a late answer is ignored": Breaking("queue/recording.py", "    if waits:\n", "    if waits and not reference:\n"),
    "a patient's SMS is stored as often as it is read": Breaking(
        "queue/receiving.py", '"fingerprint": incoming.fingerprint', '"fingerprint": f"{incoming.fingerprint} {now}"'
    ),
    "a bind takes what the SMSC repeats for new": Breaking(
        "smpp/arrivals.py", "if known is None or now >= known.repeats_until:", "if True:"
    ),
    "a patient's SMS is acknowledged before it is stored": Breaking(
        "worker/traffic.py",
        "            kept = self._write(partial(self._store, inbound))\n            self._acknowledge(kept)\n",
        "            self._acknowledge(inbound)\n            self._write(partial(self._store, inbound))\n",
    ),
}
_REPORTS = {
    "a report goes by its reference whatever its time": Breaking(
        "queue/matching.py", "CLOCK_TOLERANCE = timedelta(minutes=15)", "CLOCK_TOLERANCE = timedelta(days=30)"
    ),
    "a report goes to another number's SMS": Breaking(
        "queue/matching.py",
        "return is_near and is_same_number(clue.recipient, candidate.recipient)",
        "return is_near",
    ),
    "what may be meant is taken for certain": Breaking(
        "queue/deducing.py", "if len({tried.segment_id for tried in meant}) == 1:", "if meant:"
    ),
    "a report that comes before its answer is forgotten": Breaking(
        "queue/reporting.py", "if report.received_at >= since]", "if report.received_at < since]"
    ),
    "one delivered part makes a message delivered": Breaking(
        "queue/matching.py", "if found == {SegmentState.DELIVERED} else", "if SegmentState.DELIVERED in found else"
    ),
    "a receipt settles the first SMS that may be meant": Breaking(
        "queue/receipts.py", "if len(fitting) == 1 else None", "if fitting else None"
    ),
}
_HELD = {
    "a storm is one message longer": Breaking(
        "queue/storm.py", "same >= safety.same_text_limit", "same > safety.same_text_limit"
    ),
    "a storm is not held": Breaking("queue/storm.py", "    if len(taken) < min(limits):\n", "    if True:\n"),
    "a backlog is not held": Breaking("queue/backlog.py", "if not limit or connection", "if limit or connection"),
    "a backlog of one message less is held": Breaking("queue/backlog.py", "[0] <= limit:", "[0] < limit:"),
    "what a person let go is held again": Breaking("queue/sending.py", "is_new=due.is_new", "is_new=not due.attempts"),
}
_WAYS = {
    "a message lives twice as long as its category": Breaking(
        "queue/examining.py",
        "timedelta(seconds=category.expires_after_s)",
        "2 * timedelta(seconds=category.expires_after_s)",
    ),
    "not_before is not read": Breaking("queue/intake.py", '"due": 0 if fit.waits(now) else 1', '"due": 1'),
    "the number that a patient knows is ignored": Breaking(
        "queue/routing.py", "return self._known(connection, fit.msisdn, now - KNOWN_FOR) or", "return "
    ),
    "parts go in reverse": Breaking(
        "queue/statements.py",
        "AND s.state = 'open' ORDER BY s.number LIMIT 1",
        "AND s.state = 'open' ORDER BY -s.number LIMIT 1",
    ),
    "the rest of a long message goes over any SIM": Breaking(
        "queue/statements.py",
        "route = CASE WHEN :is_part_out THEN {WAY_OF_WHAT_IS_OUT}\n",
        "route = CASE WHEN :is_part_out THEN ''\n",
    ),
    "the rest of an expired message is sent": Breaking(
        "queue/recording.py", "elif segment.is_expired(now):", "elif False:"
    ),
}
_PACES = {
    "the pause between two SMS is not kept": Breaking(
        "worker/leave.py", "self._plan.min_interval_s + self._random", "self._random"
    ),
    "the pause is forgotten in a restart": Breaking(
        "worker/leave.py", "            if last:\n", "            if False:\n"
    ),
    "chance has no part in the pause": Breaking(
        "worker/leave.py", "self._random.random() * self._plan.jitter_s", "0.0"
    ),
    "a minute's numbers are those of 50 s": Breaking(
        "plan/ledger.py", "else People(cap.span.value)", "else People(cap.span.value * 5 / 6)"
    ),
    "a month's numbers begin anew each day": Breaking(
        "plan/ledger.py", "else Distinct(cap.span, zone)", "else Distinct(Span.DAY, zone)"
    ),
    "a month's numbers are forgotten in a restart": Breaking(
        "plan/ledger.py", "past.recipients(self._calendar.start(now))", "past.recipients(now)"
    ),
    "the next part of a long message does not wait for its turn": Breaking(
        "smpp/sender.py", " and not self._waiting and self.pace.room(now):", " and not self._waiting:"
    ),
    "a throttled message is refused for good": Breaking(
        "smpp/codes.py",
        '"throttled: more than the account may send at a time", NETWORK',
        '"throttled: more than the account may send at a time", FOR_GOOD',
    ),
}
_REFUSALS = {
    "an answer of STOP is not heard": Breaking("queue/opt_outs.py", "if wish is not None and", "if wish is False and"),
    "an answer of START is not heard": Breaking("queue/opt_outs.py", "if wish is not None and", "if wish is True and"),
    "a clock put back makes an older word the last": Breaking(
        "queue/opt_outs.py", "_after_all(connection, sender, now), now, is_out", "now, now, is_out"
    ),
    "what waits when STOP comes goes all the same": Breaking(
        "queue/opt_outs.py", "        enforce(connection, [sender], rules, now)\n", ""
    ),
    "nobody asks whether what comes back is still wanted": Breaking(
        "queue/sending.py", "    if due.attempts and withdrawals.enforce(", "    if False and withdrawals.enforce("
    ),
    "a question that begins with STOP is taken for one": Breaking(
        "queue/opt_outs.py", "return True if words in OUT", 'return True if words.split(",")[0] in OUT'
    ),
    "STOP ends what nobody may refuse": Breaking(
        "queue/opt_outs.py", "if category.consent is not Consent.NONE", "if category.consent is not None"
    ),
    "a campaign that is stopped goes on": Breaking(
        "queue/standstill.py", "    if not is_stopped(connection, campaign) or", "    if True or"
    ),
    "a campaign is taken back in words only": Breaking(
        "queue/standstill.py", '"cancelled": TAKE_BACK}', '"cancelled": SET_ASIDE}'
    ),
}

BREAKINGS: Mapping[str, Breaking] = MappingProxyType(_LIMITS | _TWICE | _REPORTS | _HELD | _WAYS | _PACES | _REFUSALS)
