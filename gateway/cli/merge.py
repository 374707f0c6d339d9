"""`smsgw import`: a list and a template become messages, after a person has seen what would be sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from gateway.cli import show
from gateway.cli.context import load_settings, now
from gateway.cli.import_checks import refuse_early
from gateway.cli.import_options import campaign_options, phones_option
from gateway.cli.import_proposal import Origin, Wanted, stamp_of
from gateway.cli.import_run import carry_out
from gateway.cli.import_times import wishes
from gateway.cli.options import as_json
from gateway.cli.template_choice import finish, text_options, texts
from gateway.i18n import _
from gateway.merge.workbook import begun_early

if TYPE_CHECKING:
    from gateway.merge.preparing import Advance, Prepared, Source
    from gateway.merge.workbook import Reader
    from gateway.settings import Settings


@click.command(
    "import",
    help=_(
        "Queue one personal text for each row of the list FILE (.xlsx, .xlsm, .xlsb, .xls, .ods, .csv). The headings"
        " of the list are the placeholders: {Name}, {Date:%d.%m}, {Name|patient} for an empty cell,"
        " {?Room: in room {Room}} where there is a room. First it shows what it would do."
    ),
    epilog=show.examples(
        "smsgw import list.xlsx --template 'Dear {Name}, see you on {Date:%d.%m} at {Time:%H:%M}' --dry-run",
        "smsgw import list.xlsx --template-file text.txt --skip-bad --yes",
        "smsgw import list.xlsx --template-name reminder --plain-punctuation --dry-run",
        "smsgw import list.xls --sheet 'Monday' --phone-column 'Mobile' --template 'Dear {Name|patient}, …'",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@text_options
@click.option("--sheet", metavar="NAME", help=_("The sheet; else the first visible one that has cells."))
@click.option(
    "--phone-column",
    "phone_columns",
    multiple=True,
    metavar="NAME",
    help=_("The column of the numbers, several times for several; else the one that looks most like it."),
)
@phones_option(_("Of several numbers in a row the first mobile one, every mobile one, or all, and all must be good."))
@click.option("--include-hidden", "is_hidden_included", is_flag=True, help=_("Also hidden and filtered rows."))
@campaign_options
@as_json
@click.pass_context
def import_list(ctx: click.Context, /, **given: Any) -> None:
    stamp = stamp_of(given["file"])
    with begun_early(given["file"], given["sheet"]) as reader:  # before all that takes time itself
        _import(load_settings(ctx), given, stamp, reader)


def _import(settings: Settings, given: dict[str, Any], stamp: tuple[int, int], reader: Reader | None) -> None:
    source, wanted = _source(settings, given, reader), texts(settings, given)
    times = wishes(settings, given, now())
    refuse_early(settings, given, wanted, now())
    if wanted is None:
        _refuse_without_template(source)
    carry_out(settings, _of_file(source, stamp), Wanted(wanted, finish(settings, given), times), given)


def _of_file(source: Source, stamp: tuple[int, int]) -> Origin:
    from gateway.merge import preparing

    def prepare(wanted: Wanted, advance: Advance) -> Prepared:
        return preparing.prepare(source, wanted.texts, advance, wanted.finish, wanted.wishes)

    return Origin(source.path.stem, prepare, source.path, stamp)


def _refuse_without_template(source: Source) -> NoReturn:
    from gateway.merge import preparing

    preparing.refuse_without_template(source)


def _source(settings: Settings, given: dict[str, Any], reader: Reader | None) -> Source:
    from gateway.merge.preparing import Source
    from gateway.merge.recipients import Choice

    gateway = settings.gateway
    named = {name: given[name] for name in ("sheet", "phone_columns", "is_hidden_included")}
    phones = Choice(given["phones"])
    return Source(
        given["file"], gateway.country, short_codes=gateway.short_codes, phones=phones, reader=reader, **named
    )
