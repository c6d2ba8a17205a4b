"""The texts of click about a wrong use, in Dutch: those of every command in one place.

A text that is not listed stays as click has it. The help texts are no errors and stay too.
"""

from __future__ import annotations

import re
from typing import Final

import click

_SAID: Final = {
    "Invalid value for {hint}: {rest}": "Ongeldige waarde voor {hint}: {rest}",
    "Invalid value: {rest}": "Ongeldige waarde: {rest}",
    "Missing argument {hint}. {rest}": "Er ontbreekt een argument: {hint}. {rest}",
    "Missing argument {hint}.": "Er ontbreekt een argument: {hint}.",
    "Missing option {hint}. {rest}": "Er ontbreekt een optie: {hint}. {rest}",
    "Missing option {hint}.": "Er ontbreekt een optie: {hint}.",
    "Missing parameter: {hint}": "Er ontbreekt: {hint}",
    "Missing command.": "Er ontbreekt een commando; -h toont ze.",
    "No such option {name}. Did you mean {other}?": "Optie {name} bestaat niet; bedoelt u {other}?",
    "No such option {name}. (Did you mean one of: {other}?)": (
        "Optie {name} bestaat niet; bedoelt u een van {other}?"
    ),
    "No such option {name}.": "Optie {name} bestaat niet; -h toont de opties.",
    "No such option: {name}": "Optie {name} bestaat niet; -h toont de opties.",
    "No such command {name}. Did you mean {other}?": (
        "Commando {name} bestaat niet; bedoelt u {other}?"
    ),
    "No such command {name}. (Did you mean one of: {other}?)": (
        "Commando {name} bestaat niet; bedoelt u een van {other}?"
    ),
    "No such command {name}.": "Commando {name} bestaat niet; -h toont ze.",
    "Option {name} does not take a value.": "Optie {name} heeft geen waarde.",
    "Option {name} requires an argument.": "Optie {name} heeft een waarde nodig.",
    "Option {name} requires {count} arguments.": "Optie {name} heeft {count} waarden nodig.",
    "Got unexpected extra argument ({words})": "Er is een argument te veel: {words}",
    "Got unexpected extra arguments ({words})": "Er zijn argumenten te veel: {words}",
    "{value} is not in the range {range}.": "{value} valt buiten {range}.",
    "{value} is not a valid integer range.": "{value} is geen geheel getal.",
    "{value} is not a valid integer.": "{value} is geen geheel getal.",
    "{value} is not a valid float range.": "{value} is geen getal.",
    "{value} is not a valid float.": "{value} is geen getal.",
    "{value} is not one of {choices}.": "{value} is er geen van; kies uit {choices}.",
    "{value} is not {choices}.": "{value} kan niet; alleen {choices} kan.",
    "{name} {file} does not exist.": "{file} bestaat niet.",
    "{name} {file} is a file.": "{file} is een bestand; noem een map.",
    "{name} {file} is a directory.": "{file} is een map; noem een bestand.",
    "{name} {file} is not readable.": "{file} mag niet worden gelezen.",
    "{name} {file} is not writable.": "{file} mag niet worden geschreven.",
    "Choose from: {choices}": "Kies uit: {choices}",
}
"""What click says, and how that is in Dutch; its own words stand where the names are."""


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", text)
    fixed = [re.escape(part).replace(r"\ ", r"\s+") for part in parts[::2]]
    named = [f"(?P<{name}>.+?)" for name in parts[1::2]] + [""]
    whole = "".join(text for both in zip(fixed, named, strict=True) for text in both)
    return re.compile(whole, re.DOTALL)


_PATTERNS: Final = [(_pattern(said), dutch) for said, dutch in _SAID.items()]


def dutch(message: str) -> str:
    """Return what click says of a wrong use in Dutch; any other text as it is."""
    for pattern, text in _PATTERNS:
        if found := pattern.fullmatch(message.strip()):
            parts = found.groupdict()
            if "rest" in parts:
                parts["rest"] = dutch(parts["rest"])
            return text.format(**parts)
    return message


def usage_text(error: click.ClickException) -> str:
    """Return what a user is shown of a wrong use: how the command is used, and what is wrong."""
    said = f"Fout: {dutch(error.format_message())}\n"
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return said
    path = context.command_path
    words = " ".join([path, *context.command.collect_usage_pieces(context)])
    return f"Gebruik: {words}\nUitleg: {path} -h\n\n{said}"
