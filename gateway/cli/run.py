"""`smsgw run`: the daemon in the foreground."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from gateway.cli.confirming import confirm_beginning
from gateway.cli.context import invocation, load_settings
from gateway.cli.show import examples
from gateway.i18n import _


@click.command(
    help=_(
        "Run the daemon that sends and receives, until SIGTERM or Ctrl-C; both let the SMS in the air finish. SIGHUP"
        " reads the configuration anew."
    ),
    epilog=examples("smsgw run", "smsgw --config /etc/smsgw/gateway.toml run"),
)
@click.pass_context
def run(ctx: click.Context) -> None:
    settings = load_settings(ctx)

    with _without("rich"):  # structlog loads it for tracebacks in colour, which are never shown: 4 MB
        from gateway import logs
    from gateway.daemon import main as daemon

    confirm_beginning(settings)
    level = "debug" if invocation(ctx).debug else settings.gateway.log_level
    logs.configure(level, settings.gateway.log_format)
    ctx.exit(daemon.run(settings))


@contextmanager
def _without(package: str) -> Iterator[None]:
    """What is imported meanwhile, and can do without this package, does; one that is loaded already stays."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]  # the import system's own word for "there is none"
    try:
        yield
    finally:
        del sys.modules[package]
