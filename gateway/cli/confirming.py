"""What a person must agree to before it is done."""

from __future__ import annotations

import sys

import click

from gateway.cli import show
from gateway.errors import GatewayError
from gateway.i18n import _


def agreed(question: str) -> bool:
    """Ctrl-C and Ctrl-D are a no."""
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        show.say("")
        return False


def confirm(question: str, is_yes: bool) -> None:
    """Raises GatewayError unless the person says yes, with --yes or on a terminal."""
    if is_yes:
        return
    if not sys.stdin.isatty():
        raise GatewayError(_("Nothing was changed: there is no terminal to ask at. Add --yes."))
    if not agreed(question):
        raise GatewayError(_("Nothing was changed."))
