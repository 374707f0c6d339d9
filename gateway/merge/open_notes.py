"""Small files by which Excel and LibreOffice note that a list is open: `~$list.xlsx`, `.~lock.list.xlsx#`.

They lie beside the list, and a click or the Tab key takes one for it. What is in them says nothing of the list.
"""

from __future__ import annotations

import re
from pathlib import Path

from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge.cells import printable

NOTES = {"Excel": re.compile(r"~\$(.+)"), "LibreOffice": re.compile(r"\.~lock\.(.+)#")}


def refuse(path: Path) -> None:
    """Raises UsageProblem, with the list that is meant, if that is there."""
    for program, name in NOTES.items():
        found = name.fullmatch(path.name)
        if found and (meant := path.with_name(found[1])).is_file():
            sentence = _("{file}: is {program}'s note that “{name}” is open. Save it there, and give {list} instead.")
            told = {"file": path, "name": meant.name, "list": meant}
            raise UsageProblem(printable(sentence.format(program=program, **told)))
