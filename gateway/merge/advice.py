"""[pure] What the preview says beside the plan: what makes texts dear, what was replaced, which columns nobody uses."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from gateway import forms
from gateway.i18n import _, ngettext
from gateway.merge.finishing import PLAIN
from gateway.merge.layout import Layout
from gateway.merge.preparing import Prepared
from gateway.merge.savings import Cause, Saving, Waste, waste

SHOWN = 8  # signs or columns that are named


def lines(prepared: Prepared) -> list[str]:
    """Sentences for a person."""
    unused, replaced = prepared.unused, prepared.plan.replaced
    said = [_saving(saving) for saving in prepared.savings]
    if replaced:
        said.append(_("Replaced as asked: {signs}.").format(signs=_replaced(replaced)))
    if unused:
        said.append(_("The template does not use: {names}.").format(names=_few(unused)))
    return said


def of_report(layout: Layout) -> str:
    """That the list is one that was handed back, and that this is known."""
    names = _few([column.name for column in layout.of_report])
    sentence = _("This is the report of a campaign: its columns {names} are not taken for the list's own.")
    return sentence.format(names=names)


def document(prepared: Prepared) -> dict[str, Any]:
    """The same for programs."""
    return {
        "savings": [
            {
                "options": list(saving.options),
                "messages": saving.messages,
                "sms": saving.sms,
                "characters": dict(saving.signs),
            }
            for saving in prepared.savings
        ],
        "replaced": [{"from": sign, "to": to, "times": times} for (sign, to), times in prepared.plan.replaced.items()],
        "unused_columns": list(prepared.unused),
    }


def of_text(text: str, segments: int) -> str | None:
    """Why one text takes more SMS than it has to; None when it doesn't."""
    found = waste(text, segments)
    if found is None:
        return None
    count = sum(found.signs.values())
    return _sentence_of_text(found, count).format(
        signs=_signs(found.signs),
        count=count,
        segments=segments,
        fewer=segments - found.sms,
        options=" ".join(found.options),
    )


def _sentence_of_text(found: Waste, count: int) -> str:
    if found.cause is Cause.DOUBLE:
        return _("{signs} take the room of two characters each: without them it is {fewer} SMS.")
    if found.cause is Cause.CYRILLIC:
        return _("Cyrillic makes this {segments} SMS in Unicode. With {options} it is {fewer}.")
    if found.options:
        return ngettext(
            "{signs}: one sign makes this {segments} SMS in Unicode. With {options} it is {fewer}.",
            "{signs}: {count} signs make this {segments} SMS in Unicode. With {options} it is {fewer}.",
            count,
        )
    return ngettext(
        "{signs}: one sign makes this {segments} SMS in Unicode. Without it, it is {fewer}.",
        "{signs}: {count} signs make this {segments} SMS in Unicode. Without them it is {fewer}.",
        count,
    )


def _saving(saving: Saving) -> str:
    options, count, sms = " ".join(saving.options), forms.whole(saving.messages), forms.whole(saving.sms)
    return _sentence_of_list(saving).format(count=count, sms=sms, signs=_signs(saving.signs), options=options)


def _sentence_of_list(saving: Saving) -> str:
    if saving.cause is Cause.DOUBLE:
        return ngettext(
            "{count} message takes {sms} SMS more for signs that need the room of two characters: {signs}.",
            "{count} messages take {sms} SMS more for signs that need the room of two characters: {signs}.",
            saving.messages,
        )
    if saving.cause is Cause.CYRILLIC:
        return ngettext(
            "{count} message would take {sms} SMS less in Latin letters: {options}.",
            "{count} messages would take {sms} SMS less in Latin letters: {options}.",
            saving.messages,
        )
    if saving.options:
        return ngettext(
            "{count} message takes {sms} SMS more than needed, for these signs: {signs}. {options} saves them.",
            "{count} messages take {sms} SMS more than needed, for these signs: {signs}. {options} saves them.",
            saving.messages,
        )
    return ngettext(
        "{count} message takes {sms} SMS more for these signs, which only another text does without: {signs}.",
        "{count} messages take {sms} SMS more for these signs, which only another text does without: {signs}.",
        saving.messages,
    )


def _signs(signs: Iterable[str]) -> str:
    return _few([_sign(sign) for sign in signs])


def _sign(sign: str) -> str:
    """A blank can't be seen: it is named, as Unicode names it."""
    is_seen = sign.isprintable() and not sign.isspace()
    return _("“{name}”").format(name=sign) if is_seen else unicodedata.name(sign, f"U+{ord(sign):04X}").lower()


def _few(names: Iterable[str]) -> str:
    named = list(names)
    return ", ".join(named[:SHOWN]) + (", …" if len(named) > SHOWN else "")


def _replaced(replaced: Mapping[tuple[str, str], int]) -> str:
    """Signs one by one, Cyrillic letters together."""
    signs = {pair: times for pair, times in replaced.items() if pair[0] in PLAIN}
    letters = sum(times for pair, times in replaced.items() if pair not in signs)
    told = [
        _("{sign} by “{other}” {times}×").format(sign=_sign(sign), other=other, times=forms.whole(times))
        for (sign, other), times in sorted(signs.items(), key=lambda item: -item[1])
    ]
    told += [_("Cyrillic by Latin letters {times}×").format(times=forms.whole(letters))] if letters else []
    return ", ".join(told)
