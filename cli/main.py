"""The command `kijkglas`: its commands by name, loaded when they run.

`kijkglas --help` loads click alone, so the short texts of the commands stand here.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Final, NamedTuple

import click

from cli.output import drop_output, flush_output, is_of_output, output_failed
from processes.stopping import is_asked, stoppable


class Entry(NamedTuple):
    """Where a command lives, and what it does in one line."""

    where: str
    text: str


COMMANDS: Final = {
    "demo": Entry("cli.demo:demo", "Laat het werken op een verzonnen regio."),
    "init": Entry("cli.booking:init", "Maakt een leeg grootboek."),
    "import": Entry("cli.importing:import_files", "Leest bestanden in en boekt wat nieuw is."),
    "imports": Entry("cli.reports:imports", "De ingelezen bestanden."),
    "undo": Entry("cli.importing:undo", "Draait een import terug."),
    "record": Entry("cli.booking:record", "Boekt een gebeurtenis met de hand."),
    "stand": Entry("cli.reports:stand", "De stand: een regel per inschrijving op de teldatum."),
    "report": Entry("cli.reports:report", "Een product van DUO uit het grootboek."),
    "history": Entry("cli.reports:history", "Alle gebeurtenissen van een leerling of object."),
    "why": Entry("cli.why:why", "Waarom een telling veranderde, tot op de gebeurtenis."),
    "when": Entry("cli.why:when", "Sinds wanneer een telling haar waarde heeft."),
    "diff": Entry("cli.diff:diff", "De rijen die tussen twee momenten verschillen."),
    "signals": Entry("cli.signals:signals", "Signalen: wat aandacht vraagt, en van wie."),
    "calendar": Entry("cli.calendar:calendar", "Teldata, vaststelling en bezwaar; wat wijzigde."),
    "status": Entry("cli.calendar:status", "Per vestiging of de aantallen zijn gecontroleerd."),
    "reconcile": Entry("cli.reconcile:reconcile", "Sluit DUO's bestanden aan op het grootboek."),
    "seals": Entry("cli.reconcile:seals", "De zegels van aansluitingen, en wat er veranderde."),
    "verify": Entry("cli.upkeep:verify", "Controleert keten, invarianten en leesmodel."),
    "rebuild": Entry("cli.upkeep:rebuild", "Maakt het leesmodel opnieuw uit de gebeurtenissen."),
    "export": Entry("cli.upkeep:export", "Schrijft het grootboek uit als bestand."),
}

EXIT_LEDGER: Final = 4
EXIT_INTERRUPTED: Final = 130


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - idem
        """Import and return a command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].where.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a command; what fails of a disk, a file or a server is said of its ledger.

        A reader of a pipe that has seen enough is no error.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            drop_output()
            return None
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            failure = _failure(error, str(ctx.params["ledger"]))
            if failure is None:
                raise
            raise failure from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - idem
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.text) for name, entry in COMMANDS.items()])


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"kijkglas {version('kijkglas')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--ledger",
    envvar="KIJKGLAS_LEDGER",
    default="./kijkglas-data",
    show_default=True,
    metavar="MAP",
    help="De map van het grootboek, of postgresql://…; ook via KIJKGLAS_LEDGER.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Toon de versie en stop.",
)  # fmt: skip
@click.pass_context
def kijkglas(ctx: click.Context, ledger: str) -> None:
    """Grootboek van inschrijvingen en tlv's voor samenwerkingsverbanden passend onderwijs.

    Elke teldatum, zoals bekend op elk moment.
    """
    ctx.obj = ledger


def main() -> None:
    """Run the command line; every way to fail has its exit status (cli.md, Common)."""
    os.umask(0o077)  # what this program writes is about pupils: for the owner only
    with stoppable():
        try:
            status = _status()
        except KeyboardInterrupt:
            click.echo("Onderbroken.", err=True)
            status = EXIT_INTERRUPTED
    sys.exit(status)


def _status() -> int:
    """Run a command and return its exit status. Raises KeyboardInterrupt when it was stopped."""
    try:
        status = kijkglas.main(prog_name="kijkglas", standalone_mode=False)
        flush_output()
    except click.exceptions.Exit as stopped:
        status = stopped.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        if is_asked():  # it failed because it was stopped
            raise KeyboardInterrupt from error
        if not isinstance(error, click.ClickException):
            raise
        _show(error)
        status = error.exit_code
    return status if isinstance(status, int) else 0


def _show(error: click.ClickException) -> None:
    """Show what was wrong with the command, without anything that could be a PGN."""
    from cli.dutch import usage_text
    from ledger.problems import masked

    if isinstance(error, LedgerFailure):
        click.echo(f"Grootboek: {error.message}", err=True)
        return
    click.echo(masked(usage_text(error)), err=True, nl=False)


class LedgerFailure(click.ClickException):
    """What is wrong with the ledger, or where it is."""

    exit_code = EXIT_LEDGER


def _failure(error: Exception, address: str) -> click.ClickException | None:
    """Return what a user is told of an error; None where it is a defect."""
    from ledger.failing import told_of_ledger
    from ledger.keys import VaultError
    from ledger.places import LedgerError, shown_of

    if isinstance(error, (LedgerError, VaultError)):
        return LedgerFailure(str(error))
    if isinstance(error, OSError) and is_of_output(error):
        return output_failed(error)
    where = shown_of(address)
    if elsewhere := os.environ.get("KIJKGLAS_LEESMODEL"):
        where = f"{where}, of {elsewhere} met het leesmodel"
    said = told_of_ledger(error, where)
    return None if said is None else LedgerFailure(said)


if __name__ == "__main__":
    main()
