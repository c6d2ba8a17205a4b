"""Which tlv's schools linked to residential enrolments: only those count there (rules.md 3)."""

from __future__ import annotations

from projections.aansluiting import zijden
from projections.aansluiting.zijden_register import Links
from projections.questions import Question
from projections.store.ask import AsOf
from projections.store.ask_aansluiting import koppeling_feiten


def links_by_school(question: Question, gelezen: zijden.Gelezen) -> Links:
    """Return the links of the residential pupils of 1B that the ledger has from schools."""
    pgns = sorted(
        {one.pgn for one in gelezen.zijde.regels if one.pgn and one.velden[zijden.RESIDENTIEEL]}
    )
    known = question.ledger.vault.find(pgns) if pgns else {}
    of_group: dict[str, list[str]] = {}
    for pgn, identity in known.items():
        of_group.setdefault(identity.groep.hex, []).append(pgn)
    as_of = AsOf(gelezen.teldatum, question.as_of.bekend_op)
    return {
        (pgn, link.instellingscode, link.volgnummer, link.nummer)
        for link in koppeling_feiten(question.model, as_of, sorted(of_group))
        if link.door == "school"
        for pgn in of_group[link.groep]
    }
