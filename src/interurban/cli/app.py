"""The tree of commands, and what happens around every one of them: language, home, faults, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer._click.exceptions import (
    BadParameter,
    ClickException,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)

import interurban
from interurban.cli import (
    account,
    baseline,
    city,
    collect,
    compare,
    compute,
    diagnose,
    diff,
    explain,
    import_,
    ingest,
    init,
    inspect,
    marey,
    match,
    measure,
    notices,
    prefer,
    rate,
    reconstruct,
    reliability,
    replay,
    review,
    serve,
    show,
    source,
    status,
    submit,
    sync,
    tides,
    token,
    trip,
    versions,
    watch,
)
from interurban.cli.help import TranslatedCommand, TranslatedGroup
from interurban.cli.output import drop_output, note, prepare_streams, say
from interurban.errors import InterurbanError
from interurban.locales import LANGUAGES, choose_language, has_message, message
from interurban.store.machine_faults import duck_faults_named

_EVERYWHERE = ("--lang", "--home")

# In the order of work; groups are modules with several commands.
_Command = Callable[..., int | None]
_COMMANDS: tuple[tuple[str, _Command | Mapping[str, _Command]], ...] = (
    ("inspect", inspect.inspect),
    ("measure", measure.measure),
    ("init", init.init),
    ("city", city.COMMANDS),
    ("baseline", baseline.COMMANDS),
    ("source", source.COMMANDS),
    ("collect", collect.collect),
    ("ingest", ingest.ingest),
    ("import", import_.import_),
    ("match", match.COMMANDS),
    ("watch", watch.watch),
    ("replay", replay.replay),
    ("reconstruct", reconstruct.reconstruct),
    ("trip", trip.trip),
    ("marey", marey.marey),
    ("tides", tides.tides),
    ("versions", versions.versions),
    ("diff", diff.diff),
    ("notices", notices.notices),
    ("reliability", reliability.reliability),
    ("compute", compute.compute),
    ("show", show.show),
    ("compare", compare.compare),
    ("explain", explain.explain),
    ("rate", rate.rate),
    ("diagnose", diagnose.diagnose),
    ("prefer", prefer.prefer),
    ("serve", serve.serve),
    ("sync", sync.COMMANDS),
    ("status", status.status),
    ("questionnaire", submit.questionnaire),
    ("submit", submit.submit),
    ("review", review.COMMANDS),
    ("account", account.COMMANDS),
    ("token", token.COMMANDS),
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line to its exit code; see `interurban.cli.main`."""
    prepare_streams()
    arguments = everywhere_first(sys.argv[1:] if arguments is None else arguments)
    choose_language(_language_asked(arguments))
    try:
        try:
            return _answer(arguments)
        finally:
            sys.stdout.flush()  # here, where a reader that went away or a full disk can still be dealt with
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; what it read is all it wanted.
        drop_output()
        return 0
    except OSError as error:
        # The output cannot be written (a full disk); what touches a node or feed says so by an error of ours.
        reason = str(error.strerror or error)
        note(message("cli.error", text=message("store.cannot_write", path=error.filename, reason=reason) if error.filename else reason))
        drop_output()
        return 1


def interrupted() -> int:
    """Say that the command was stopped by the person who ran it; the exit code of shells for that."""
    note(message("cli.interrupted"))
    return 130


def _answer(arguments: Sequence[str]) -> int:
    """Carry out a command line; its exit code, with every fault told in words."""
    if arguments == ["--version"]:
        # Read here: a group of commands asks for a command before it looks at its options.
        say(interurban.__version__)
        return 0
    try:
        # Not `main` of the command: it would end the process itself where the reader of our output has gone.
        tree = build_command()
        with duck_faults_named(), tree.make_context("interurban", list(arguments)) as context:
            return int(tree.invoke(context) or 0)
    except typer.Exit as done:
        return done.exit_code
    except NoArgsIsHelpError as asked:
        note(asked.format_message())
        return 2
    except ClickException as wrong:
        note(message("cli.error", text=_usage_fault(wrong)))
        if isinstance(wrong, UsageError) and wrong.ctx:
            note(message("cli.try_help", command=wrong.ctx.command_path))
        return wrong.exit_code
    except InterurbanError as error:
        note(message("cli.error", text=describe(error)))
        return error.exit_code
    except (KeyboardInterrupt, EOFError, typer.Abort):
        return interrupted()
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # DuckDB's word for Ctrl+C
            raise
        return interrupted()


def build_command() -> Any:
    """The whole command tree with its texts in the language now chosen."""
    app = _group("cli.app", callback=_everywhere)
    for name, member in _COMMANDS:
        if isinstance(member, Mapping):
            group = _group(f"cli.{name}", name)
            for action, function in member.items():
                group.command(action, cls=TranslatedCommand, help=message(f"cli.{name}_{action}"))(function)
            app.add_typer(group)
        else:
            app.command(name, cls=TranslatedCommand, help=message(f"cli.{name}"))(member)
    tree: Any = typer.main.get_command(app)
    tree.commands = {name: tree.commands[name] for name, _ in _COMMANDS}  # Typer puts groups after all commands
    return tree


def everywhere_first(arguments: Sequence[str]) -> list[str]:
    """The arguments with --lang and --home moved to the front, so that they may stand anywhere before `--`."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word.partition("=")[0] in _EVERYWHERE:
            first.append(word)
            first += [next(words)] if "=" not in word and _has_next(arguments, word) else []
        else:
            rest.append(word)
    return first + rest


def describe(error: InterurbanError) -> str:
    """One line: the message of the error, then those of its fields that say where and what would be right, if it does not say so itself.

    Fields for programs (a code, a number of ours) have no name in the reader's language and are left out.
    """
    given = {name: str(value) for name, value in error.fields.items() if value is not None and has_message(f"cli.error_{name}")}
    fields = ", ".join(f"{message(f'cli.error_{name}')}: {value}" for name, value in given.items() if value not in error.message)
    return " ".join(f"{error.message} ({fields})".split() if fields else error.message.split())


def _has_next(arguments: Sequence[str], word: str) -> bool:
    return list(arguments).index(word) + 1 < len(arguments)


def _language_asked(arguments: Sequence[str]) -> str | None:
    asked = [*arguments, ""]
    for place, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name == "--lang":
            return value or asked[place + 1]
    return None


def _group(key: str, name: str | None = None, **settings: Any) -> typer.Typer:
    return typer.Typer(
        name=name, cls=TranslatedGroup, help=message(key), no_args_is_help=True, add_completion=False,
        rich_markup_mode=None, pretty_exceptions_enable=False, **settings,
    )


def _everywhere(
    lang: Annotated[str | None, typer.Option(help=message("cli.lang"), metavar="|".join(LANGUAGES))] = None,
    home: Annotated[Path | None, typer.Option(help=message("cli.home"))] = None,
    version: Annotated[bool, typer.Option("--version", help=message("cli.version"))] = False,
) -> None:
    if lang is not None and lang not in LANGUAGES:
        raise BadParameter(", ".join(LANGUAGES), param_hint="--lang")
    if home is not None:
        os.environ["INTERURBAN_HOME"] = str(home)
    if version:
        say(interurban.__version__)
        raise typer.Exit


def _usage_fault(wrong: ClickException) -> str:
    """What is wrong with the command line, in the chosen language where we know the kind of fault."""
    if isinstance(wrong, NoSuchOption):
        return message("cli.no_such_option", option=wrong.option_name)
    if isinstance(wrong, MissingParameter) and wrong.param is not None:
        return message("cli.missing_parameter", parameter=wrong.param.get_error_hint())
    if isinstance(wrong, BadParameter):
        hint = wrong.param_hint or (wrong.param.get_error_hint() if wrong.param else "")
        return message("cli.bad_parameter", parameter=hint, text=wrong.message)
    return wrong.format_message()
