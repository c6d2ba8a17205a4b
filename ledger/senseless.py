"""A fact that cannot land where it lands: refused at import, without effect on replay."""

from __future__ import annotations


class Senseless(Exception):  # noqa: N818 - it is not always an error
    """A fact that makes no sense given what is known: field, rule and remedy."""

    def __init__(self, veld: str, regel: str, remedie: str) -> None:
        super().__init__(f"{veld}: {regel}; {remedie}")
        self.veld = veld
        self.regel = regel
        self.remedie = remedie
