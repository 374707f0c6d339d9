"""[pure] Headings that stand in a text in other brackets than ours: they would go out as they are, to everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.i18n import _
from gateway.merge.cells import folded, letters
from gateway.merge.template import Column

# As other programmes mark a field, and a Chinese keyboard writes brackets. Three braces are ours: a brace of the text,
# and a placeholder in it.
FORMS = {
    "[{name}]": r"\[ ?{name} ?\]",
    "<{name}>": r"< ?{name} ?>",
    "%{name}%": r"% ?{name} ?%",
    "«{name}»": r"« ?{name} ?»",
    "｛{name}｝": r"｛ ?{name} ?｝",
    "【{name}】": r"【 ?{name} ?】",
    "{{{{{name}}}}}": r"(?<!\{{)\{{\{{ ?{name} ?\}}\}}(?!\}})",
}


def headings(columns: Iterable[Column]) -> list[str]:
    """Without the columns that have none: `[A]` may mean anything."""
    return [column.name for column in columns if column.name != letters(column.index)]


def lines(texts: Iterable[str], names: Iterable[str]) -> list[str]:
    """A question for each heading that is bracketed so."""
    folded_text = "\n".join(map(folded, texts))
    return list(dict.fromkeys(_lines(folded_text, names)))


def _lines(text: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for form, pattern in FORMS.items():
            if re.search(pattern.format(name=re.escape(folded(name))), text):
                sentence = _("The text has {written}: did you mean {meant}?")
                yield sentence.format(written=form.format(name=name), meant=f"{{{name}}}")
