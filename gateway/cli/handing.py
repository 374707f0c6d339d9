"""What stands before the verb of a group that is a verb itself, as in `smsgw modems --json history sim-1`."""

from __future__ import annotations

import click
from click.core import ParameterSource


def hand_on(group: click.Context) -> None:
    """The group's options that were written count for its verb; raises NoSuchOption for one that the verb lacks."""
    assert isinstance(group.command, click.Group)
    name = group.invoked_subcommand or ""
    verb = group.command.get_command(group, name)
    if verb is None:  # click says so
        return
    known = {option.name for option in verb.params}
    given = [option for option in group.command.params if _is_written(group, option)]
    for option in given:
        if option.name not in known:
            raise click.NoSuchOption(option.opts[0], ctx=click.Context(verb, parent=group, info_name=name))
    group.default_map = {name: {option.name: group.params[option.name] for option in given if option.name}}


def _is_written(context: click.Context, option: click.Parameter) -> bool:
    return context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
