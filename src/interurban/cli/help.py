"""Help pages in the reader's language; Typer's own know English only, and count a Chinese character as one column."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup

from interurban.locales import message

_NAMES_COLUMNS = 30


class TranslatedCommand(TyperCommand):
    """A command whose help is written by `help_page`."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page of this command."""
        formatter.write(help_page(self, ctx))


class TranslatedGroup(TyperGroup):
    """A group of commands whose help is written by `help_page`."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page of this group."""
        formatter.write(help_page(self, ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names; a usage fault that offers the nearest ones when there is none."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            near = get_close_matches(args[0], self.commands)
            ctx.fail(message("cli.no_such_command", command=args[0], near=", ".join(near or self.commands)))
        return super().resolve_command(ctx, args)


def help_page(command: Any, context: Any, width: int | None = None) -> str:
    """Usage, what the command does, its arguments, options and commands, as plain text.

    It is `width` terminal columns wide; by default as wide as the terminal, at most 120.
    """
    width = width or min(shutil.get_terminal_size().columns, 120)
    shown = [parameter for parameter in command.get_params(context) if not parameter.hidden]
    arguments = [parameter for parameter in shown if parameter.param_type_name == "argument"]
    options = [parameter for parameter in shown if parameter.param_type_name == "option"]
    commands = getattr(command, "commands", {})
    pieces = [message("cli.usage"), context.command_path, *(_argument_in_usage(argument) for argument in arguments)]
    pieces += [message("cli.command_in_usage")] if commands else []
    pieces += [message("cli.options_in_usage")] if options else []
    lines = [" ".join(pieces), "", *wrapped(command.help or "", width)]
    lines += _section(message("cli.arguments"), [(_name(each), _meaning(each)) for each in arguments], width)
    lines += _section(message("cli.commands"), [(name, member.help or "") for name, member in commands.items()], width)
    lines += _section(message("cli.options"), [(_option(each), _meaning(each)) for each in options], width)
    if context.parent is not None:
        lines += ["", *wrapped(message("cli.everywhere"), width)]
    return "\n".join(lines) + "\n"


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` terminal columns; Chinese may break between any two characters."""
    lines, line, columns = [], "", 0
    for piece in _pieces(text):
        length = _columns(piece)
        if line and columns + _columns(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line, columns = "", 0
        line, columns = line + piece, columns + length
    return [*lines, line.rstrip()] if line else lines


def _pieces(text: str) -> Iterator[str]:
    word = ""
    for character in text:
        word += character
        if character == " " or unicodedata.east_asian_width(character) in "WF":
            yield word
            word = ""
    if word:
        yield word


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _section(title: str, rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    if not rows:
        return []
    names_columns = min(max(_columns(name) for name, _ in rows), _NAMES_COLUMNS)
    lines = ["", title]
    for name, meaning in rows:
        meaning_lines = wrapped(meaning, width - names_columns - 4) or [""]
        if _columns(name) > names_columns:
            lines.append(f"  {name}")
        else:
            lines.append(f"  {name}{' ' * (names_columns - _columns(name))}  {meaning_lines.pop(0)}".rstrip())
        lines += [" " * (names_columns + 4) + line for line in meaning_lines]
    return lines


def _name(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return f"{name}…" if parameter.nargs != 1 else name


def _argument_in_usage(argument: Any) -> str:
    return _name(argument) if argument.required else f"[{_name(argument)}]"


def _option(option: Any) -> str:
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {option.metavar or option.name.upper()}"


def _meaning(parameter: Any) -> str:
    text = message("cli.help") if parameter.name == "help" else parameter.help or ""
    if parameter.param_type_name == "option" and parameter.required:
        return f"{text} {message('cli.required')}"
    default = parameter.default
    if default is None or default is False or default == () or parameter.name == "help":
        return text
    return f"{text} {message('cli.default', value=str(default))}"
