"""Options that many verbs have, each said once."""

from __future__ import annotations

import click

from gateway.cli.context import WHOLE
from gateway.i18n import _

as_json = click.option("--json", "is_json", is_flag=True, help=_("One JSON document."))
at_most = click.option("--limit", type=WHOLE, default=50, show_default=True, help=_("At most so many."))
