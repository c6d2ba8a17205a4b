"""Signals about enrolments: residence, double, with a gap, too late (rules.md 10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ledger.codes import CLOSED
from ledger.dossier import Inschrijving
from ledger.times import AMSTERDAM, ONE_DAY
from projections.attribution import previous
from projections.moments import vaststelling_of
from projections.signalen.beeld import Beeld
from projections.signalen.model import Grond, Loop, Vondst, Waar, dutch
from projections.store.ask_signalen import Rij, verleden
from projections.store.encoding import day_number, day_of, moment_number
from projections.telt import DUBBEL
from projections.windows import school_year

OPEN_RESIDENCE = "IJH"
"""What a school registers by mistake for GJI or JJI (DUO's page of winter 2022/23)."""


def gesloten_inrichting(beeld: Beeld) -> Iterator[Vondst]:
    """Yield IJH on a vestiging of a closed institution, and GJI or JJI on an ordinary one.

    Of a vestiging that the reference data lack nothing is said.
    """
    for row in beeld.rijen:
        known = beeld.gesloten.get(row.vestigingscode)
        if known is None:
            continue
        closed, since = known
        if closed and row.soort_verblijf == OPEN_RESIDENCE:
            said = f"{row.soort_verblijf} op een vestiging van een gesloten inrichting: GJI of JJI?"
        elif not closed and row.soort_verblijf in CLOSED:
            said = f"{row.soort_verblijf} op een vestiging die geen gesloten inrichting is"
        else:
            continue
        run = Loop(row, day_number(beeld.teldatum), ("soort_verblijf", "vestigingscode"))
        yield Vondst("gesloten-inrichting", said, row, lopen=(run,), gronden=(Grond(since, ()),))


def dubbele_inschrijving(beeld: Beeld) -> Iterator[Vondst]:
    """Yield both sides of a double enrolment: the one that counts, and what it wins from."""
    for row in beeld.rijen:
        mine = beeld.op_teldatum.get(row.leerling, [])
        losers = [other for other in mine if other.reden == DUBBEL]
        if row.reden == DUBBEL:
            others = [other for other in mine if other.telt]
            lost = [row]
        elif row.telt:
            others = lost = losers
        else:
            continue
        if not others:
            continue
        named = ", ".join(sorted(f"{'/'.join(one.sleutel)} ({one.schoolsoort})" for one in others))
        ends = "telt" if row.telt else "telt niet"
        runs = (Loop(one, day_number(beeld.teldatum), ("reden",)) for one in lost)
        yield Vondst(
            "dubbele-inschrijving",
            f"ook ingeschreven op {named}; deze {ends}",
            row,
            lopen=tuple(runs),
        )


def gat_tussen_inschrijvingen(beeld: Beeld) -> Iterator[Vondst]:
    """Yield the enrolment before a gap that its school can close.

    The enrolment after the gap begins in the school year of the teldatum; one of the two is
    of the samenwerkingsverband. How long a gap may be is that of a previous enrolment
    (`attribution.previous`, LONGEST_GAP).
    """
    first, last = school_year(beeld.teldatum)
    rows = {(row.leerling, row.sleutel): row for row in beeld.in_schooljaar}
    for leerling in sorted({row.leerling for row in beeld.in_schooljaar}):
        listed = list(beeld.levens[leerling].inschrijvingen.values())
        for inschrijving in listed:
            if not first <= inschrijving.begindatum <= last:
                continue
            vorige = previous(inschrijving, listed)
            if vorige is None or _bridged(inschrijving, listed):
                continue
            one = rows.get((leerling, vorige.sleutel))
            two = rows.get((leerling, inschrijving.sleutel))
            found = _gap(leerling, vorige, inschrijving, one, two)
            if found is not None:
                yield found


def _bridged(inschrijving: Inschrijving, others: list[Inschrijving]) -> bool:
    """Tell whether another enrolment runs on the day before this one begins."""
    before = inschrijving.begindatum - ONE_DAY
    return any(
        other.begindatum <= before and (other.einddatum is None or other.einddatum >= before)
        for other in others
    )


def _gap(
    leerling: str, vorige: Inschrijving, volgende: Inschrijving, one: Rij | None, two: Rij | None
) -> Vondst | None:
    row = one or two
    if row is None or vorige.einddatum is None:
        return None
    last = vorige.perioden[-1]
    days = (volgende.begindatum - vorige.einddatum - ONE_DAY).days
    return Vondst(
        "gat-tussen-inschrijvingen",
        f"{days} dagen tussen {dutch(vorige.einddatum)} en {dutch(volgende.begindatum)}"
        f" ({'/'.join(volgende.sleutel)}); verzet de uitschrijfdatum naar"
        f" {dutch(volgende.begindatum - ONE_DAY)}",
        one,
        leerling=leerling,
        lopen=tuple(
            Loop(
                row._replace(instellingscode=side.instellingscode, volgnummer=side.volgnummer),
                day_number(day),
                (column,),
            )
            for side, day, column in (
                (vorige, vorige.einddatum, "einddatum"),
                (volgende, volgende.begindatum, "begindatum"),
            )
        ),
        waar=Waar(*vorige.sleutel, last.vestigingscode, last.schoolsoort),
    )


def na_vaststelling(beeld: Beeld) -> Iterator[Vondst]:
    """Yield an enrolment of which nothing was known when the count of its schoolsoort was fixed.

    One that was deleted and is back was known before.
    """
    fixed = {
        soort: vaststelling_of(beeld.teldatum, (soort,), beeld.model) for soort in beeld.soorten
    }
    late = [row for row in beeld.rijen if row.bekend_van > moment_number(fixed[row.schoolsoort])]
    known: dict[tuple[str, tuple[str, str]], Rij] = {}
    for row in verleden(beeld.model, beeld.as_of, {row.groep for row in late}):
        first = known.setdefault((row.groep, row.sleutel), row)
        if row.bekend_van < first.bekend_van:
            known[row.groep, row.sleutel] = row
    for row in late:
        first = known[row.groep, row.sleutel]
        moment = fixed[row.schoolsoort]
        if first.bekend_van > moment_number(moment):
            yield Vondst(
                "na-vaststelling",
                f"voor het eerst bekend na de vaststelling van {_day(moment)}; "
                f"ingeschreven vanaf {dutch(day_of(row.begindatum))}",
                row,
                gronden=(Grond(first.bekend_van, first.openers),),
            )


def _day(moment: datetime) -> str:
    return dutch(moment.astimezone(AMSTERDAM).date())
