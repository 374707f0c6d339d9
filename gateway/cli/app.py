"""The command's frame: the table of verbs, each loaded only when it is used, and the options that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from gateway import __version__
from gateway.cli import errors
from gateway.cli.context import Invocation
from gateway.cli.near import suggest_verb
from gateway.cli.show import examples
from gateway.i18n import _

VERBS: Mapping[str, tuple[str, str]] = {  # name -> where it is, what it does
    "init": ("gateway.cli.init:init", _("Write a commented configuration and create the database.")),
    "doctor": ("gateway.cli.doctor:doctor", _("Check everything and say what to do.")),
    "run": ("gateway.cli.run:run", _("Run the daemon that sends and receives.")),
    "send": ("gateway.cli.send:send", _("Queue one message.")),
    "import": ("gateway.cli.merge:import_list", _("Queue personal texts from an Excel list.")),
    "campaign": ("gateway.cli.campaign:campaign", _("Follow, pause, resume and cancel what was imported.")),
    "contacts": ("gateway.cli.contacts:contacts", _("Keep people in groups, and write to those whom you choose.")),
    "template": ("gateway.cli.template:template", _("Save texts for lists, and try them.")),
    "status": ("gateway.cli.status:status", _("Show whether the daemon runs, the queue and the carriers.")),
    "outbox": ("gateway.cli.outbox:outbox", _("List and decide on messages to be sent.")),
    "inbox": ("gateway.cli.inbox:inbox", _("Show what came in.")),
    "route": ("gateway.cli.route:route", _("Show which carrier would take a message, and why not the others.")),
    "modems": ("gateway.cli.modems:modems", _("Show each modem with its SIM, signal and state.")),
    "alarms": ("gateway.cli.alarms:alarms", _("Show what is amiss and what to do.")),
    "backup": ("gateway.cli.backup:backup", _("Copy the database while the daemon works.")),
    "db": ("gateway.cli.database:database", _("Check, upgrade or restore the database.")),
    "ussd": ("gateway.cli.ussd:ussd", _("Ask the operator something, such as a SIM's balance.")),
    "completion": ("gateway.cli.completion:completion", _("Print the script that completes words in your shell.")),
}


class Verbs(click.Group):
    """A group whose commands are imported one at a time, so that `smsgw --help` and `smsgw send` start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, name = VERBS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Verbs")):
            formatter.write_dl([(name, summary) for name, (_where, summary) in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in VERBS and not args[0].startswith("-") and not ctx.resilient_parsing:
            ctx.fail(_("There is no verb {name}.{hint}").format(name=args[0], hint=suggest_verb(args[0], VERBS)))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with errors.in_one_line(ctx.params.get("debug", False)):
            try:
                return super().invoke(ctx)
            except click.NoSuchOption as problem:
                raise self._misplaced(problem) from problem

    def _misplaced(self, problem: click.NoSuchOption) -> click.UsageError:
        """An option of the command that stands behind the verb."""
        option = next((param for param in self.params if problem.option_name in param.opts), None)
        if option is None or problem.ctx is None:
            return problem
        verb = problem.ctx.command_path.removeprefix(f"{problem.ctx.find_root().command_path} ")
        written = " ".join(part for part in (problem.option_name, option.metavar) if part)
        sentence = _("{option} stands before the verb: smsgw {written} {verb}")
        return click.UsageError(
            sentence.format(option=problem.option_name, written=written, verb=verb), ctx=problem.ctx
        )


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_("Send SMS from an Excel list or a database through USB modems, and follow each to its delivery report."),
    epilog=examples(
        "smsgw init", "smsgw doctor", "smsgw run", "smsgw send '8 900 000-00-01' 'Hello' --wait", "smsgw import --help"
    ),
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, readable=False),  # whoever reads it says why it can't be read
    metavar="FILE",
    help=_("The configuration; else $SMSGW_CONFIG, ./config/gateway.toml or /etc/smsgw/gateway.toml."),
)
@click.option(
    "--lang",
    type=click.Choice(["en", "ru", "zh"]),
    metavar="[en|ru|zh]",
    expose_value=False,  # __main__ has read it: texts are translated as soon as they are loaded
    help=_("The language of all that is said; else the system's."),
)
@click.option("--debug", is_flag=True, help=_("Show the traceback of an error."))
@click.version_option(__version__, prog_name="smsgw")
@click.pass_context
def smsgw(ctx: click.Context, config: Path | None, debug: bool) -> None:
    ctx.obj = Invocation(config, debug)
