"""`smsgw completion`: the script that completes verbs, options and ids in a shell."""

from __future__ import annotations

from collections.abc import Mapping

import click

from gateway.cli.show import examples, say
from gateway.i18n import _

VARIABLE = "_SMSGW_COMPLETE"  # click's own protocol: the script calls smsgw with this variable set

INSTALL: Mapping[str, str] = {
    "bash": "smsgw completion bash > ~/.local/share/bash-completion/completions/smsgw",
    "zsh": "smsgw completion zsh > ~/.zfunc/_smsgw   # with fpath+=~/.zfunc before compinit in ~/.zshrc",
    "fish": "smsgw completion fish > ~/.config/fish/completions/smsgw.fish",
}


@click.command(
    help=_("Print the script that completes verbs and options in your shell."), epilog=examples(*INSTALL.values())
)
@click.argument("shell", type=click.Choice(list(INSTALL)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    from click.shell_completion import get_completion_class

    writer = get_completion_class(shell)
    assert writer is not None  # click has all three
    click.echo(writer(ctx.find_root().command, {}, "smsgw", VARIABLE).source())
    say(_("To install it once and for all: {command}").format(command=INSTALL[shell]))
