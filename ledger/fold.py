"""The pure fold over a pupil's events: the dossier after one more fact (rules.md 2).

Events are applied in the order (`bekend_op`, position in the log). A fact that makes no
sense where it lands raises `Senseless`: at import that is a refusal (events.md 4), on
replay it has no effect (rules.md 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from ledger import events as ev
from ledger import leerplicht
from ledger.dossier import EMPTY, Dossier, Inschrijving, Koppeling, Periode, Tlv, Woonplaats
from ledger.senseless import Senseless

__all__ = ["ATTRIBUTES", "Senseless", "apply", "begin_moved", "replay"]

ATTRIBUTES: Final = (
    "vestigingscode",
    "schoolsoort",
    "soort_verblijf",
    "bekostigbaar",
    "ondersteuningscategorie",
    "cluster",
    "leerjaar",
    "vo_kenmerk",
)
"""The attributes that a period has and a change or a correction can name."""
_attributes: Final = attrgetter(*ATTRIBUTES)


def apply(dossier: Dossier, fact: ev.Fact) -> Dossier:
    """Return the dossier after the fact: the same object when it says what was known.

    Raises Senseless when the fact cannot land here.
    """
    return _HANDLERS[type(fact)](dossier, fact)


def replay(facts: Iterable[ev.Fact]) -> Dossier:
    """Return the dossier after facts in their order; senseless ones have no effect."""
    dossier = EMPTY
    for fact in facts:
        try:
            dossier = apply(dossier, fact)
        except Senseless:
            continue
    return dossier


def _unchanged(dossier: Dossier, _: ev.Fact) -> Dossier:
    return dossier


def _leerling(dossier: Dossier, fact: ev.LeerlingGeregistreerd) -> Dossier:
    if dossier.geboortedatum == fact.geboortedatum:
        return dossier
    return replace(dossier, geboortedatum=fact.geboortedatum)


def _woonplaats(dossier: Dossier, fact: ev.WoonplaatsVastgelegd) -> Dossier:
    new = Woonplaats(fact.vanaf, fact.pc4, fact.buitenland, fact.swv)
    if not dossier.woonplaatsen:
        return replace(dossier, woonplaatsen=(new,))
    others = [known for known in dossier.woonplaatsen if known.vanaf != fact.vanaf]
    ordered = tuple(sorted([*others, new], key=lambda woonplaats: woonplaats.vanaf))
    return dossier if ordered == dossier.woonplaatsen else replace(dossier, woonplaatsen=ordered)


def _geregistreerd(dossier: Dossier, fact: ev.InschrijvingGeregistreerd) -> Dossier:
    if (fact.instellingscode, fact.volgnummer) in dossier.inschrijvingen:
        raise Senseless(
            "volgnummer",
            "deze inschrijving is op dat moment al bekend",
            "gebruik InschrijvingGewijzigd of InschrijvingGecorrigeerd",
        )
    periode = Periode(
        fact.begindatum,
        fact.vestigingscode,
        fact.schoolsoort,
        fact.soort_verblijf,
        fact.bekostigbaar,
        fact.ondersteuningscategorie,
        fact.cluster,
        fact.leerjaar,
        fact.vo_kenmerk,
    )
    linked = fact.tlv and dict.fromkeys(fact.tlv)
    koppelingen = tuple([Koppeling(nummer, "school") for nummer in linked])
    return _with(
        dossier,
        Inschrijving(
            fact.instellingscode,
            fact.volgnummer,
            fact.begindatum,
            fact.einddatum,
            (periode,),
            koppelingen,
        ),
    )


def _gewijzigd(dossier: Dossier, fact: ev.InschrijvingGewijzigd) -> Dossier:
    known, vanaf = _known(dossier, fact), fact.vanaf
    last = known.perioden[-1]
    in_force = last if last.vanaf <= vanaf else known.periode_op(vanaf)
    if in_force is None or (known.einddatum is not None and vanaf > known.einddatum):
        raise Senseless(
            "vanaf",
            "een periode begint binnen de inschrijving",
            "controleer vanaf, of corrigeer eerst begindatum of einddatum",
        )
    if in_force.vanaf == vanaf:
        raise Senseless(
            "vanaf",
            "op deze dag begint al een periode van de inschrijving",
            "gebruik InschrijvingGecorrigeerd met periode om die te verbeteren",
        )
    new = replace(in_force, vanaf=vanaf, **_given(fact))
    perioden = (*known.perioden, new)
    if in_force is not last:
        perioden = tuple(sorted(perioden, key=lambda periode: periode.vanaf))
    return _with(dossier, replace(known, perioden=perioden))


def _gecorrigeerd(dossier: Dossier, fact: ev.InschrijvingGecorrigeerd) -> Dossier:
    known = _known(dossier, fact)
    begindatum = known.begindatum if fact.begindatum is UNSET else fact.begindatum
    if fact.perioden is UNSET:
        perioden = begin_moved(_period_corrected(known, fact), begindatum)
    else:
        perioden = _replaced(known, fact.perioden)
    einddatum = known.einddatum if fact.einddatum is UNSET else fact.einddatum
    return _with(
        dossier, replace(known, begindatum=begindatum, einddatum=einddatum, perioden=perioden)
    )


def _period_corrected(
    known: Inschrijving, fact: ev.InschrijvingGecorrigeerd
) -> tuple[Periode, ...]:
    """Return the periods with the given attributes in the period that the fact names."""
    named = known.begindatum if fact.periode is UNSET else fact.periode
    if all(periode.vanaf != named for periode in known.perioden):
        raise Senseless(
            "periode",
            "de inschrijving heeft geen periode die op deze dag begint",
            "noem het begin van een periode zoals die nu bekend is",
        )
    given = _given(fact)
    return tuple(
        replace(periode, **given) if periode.vanaf == named else periode
        for periode in known.perioden
    )


def begin_moved(perioden: tuple[Periode, ...], begindatum: date) -> tuple[Periode, ...]:
    """Return the periods of an enrolment that began on another day (rules.md 2).

    The period in force on that day (or the first) moves its start; those before it fall away.
    """
    later = [periode for periode in perioden if periode.vanaf > begindatum]
    earlier = [periode for periode in perioden if periode.vanaf <= begindatum]
    first = earlier[-1] if earlier else later.pop(0)
    return (replace(first, vanaf=begindatum), *later)


def _replaced(
    known: Inschrijving, perioden: tuple[ev.PeriodeVanInschrijving, ...]
) -> tuple[Periode, ...]:
    schoolsoort = known.perioden[0].schoolsoort
    return tuple(
        Periode(
            periode.vanaf,
            periode.vestigingscode,
            schoolsoort if periode.schoolsoort is UNSET else periode.schoolsoort,
            periode.soort_verblijf,
            periode.bekostigbaar,
            periode.ondersteuningscategorie,
            periode.cluster,
            periode.leerjaar,
            periode.vo_kenmerk,
        )
        for periode in perioden
    )


def _uitgeschreven(dossier: Dossier, fact: ev.UitschrijvingGeregistreerd) -> Dossier:
    return _with(dossier, replace(_known(dossier, fact), einddatum=fact.einddatum))


def _weer_lopend(dossier: Dossier, fact: ev.UitschrijvingIngetrokken) -> Dossier:
    return _with(dossier, replace(_known(dossier, fact), einddatum=None))


def _verwijderd(dossier: Dossier, fact: ev.InschrijvingVerwijderd) -> Dossier:
    gone = _known(dossier, fact).sleutel
    rest = {key: known for key, known in dossier.inschrijvingen.items() if key != gone}
    return replace(dossier, inschrijvingen=rest)


def _tlv_afgegeven(dossier: Dossier, fact: ev.TlvAfgegeven) -> Dossier:
    return _with_tlv(dossier, Tlv(fact.nummer, fact.categorie, fact.begindatum, fact.einddatum))


def _tlv_gewijzigd(dossier: Dossier, fact: ev.TlvGewijzigd) -> Dossier:
    known = _known_tlv(dossier, fact)
    given = {
        name: value
        for name in ("categorie", "begindatum", "einddatum")
        if (value := getattr(fact, name)) is not UNSET
    }
    changed = replace(known, **given)
    if changed.einddatum < changed.begindatum:
        raise Senseless("einddatum", "een tlv eindigt niet voor zijn begin", "controleer de data")
    return _with_tlv(dossier, changed)


def _tlv_ingetrokken(dossier: Dossier, fact: ev.TlvIngetrokken) -> Dossier:
    return _with_tlv(dossier, replace(_known_tlv(dossier, fact), ingetrokken_per=fact.per))


def _gekoppeld(dossier: Dossier, fact: ev.TlvGekoppeld) -> Dossier:
    known = _known(dossier, fact)
    koppelingen = dict.fromkeys((*known.koppelingen, Koppeling(fact.nummer, fact.door)))
    return _with(dossier, replace(known, koppelingen=tuple(koppelingen)))


def _ontkoppeld(dossier: Dossier, fact: ev.TlvOntkoppeld) -> Dossier:
    known = _known(dossier, fact)
    gone = Koppeling(fact.nummer, fact.door)
    rest = tuple(koppeling for koppeling in known.koppelingen if koppeling != gone)
    return _with(dossier, replace(known, koppelingen=rest))


def _bepaling(dossier: Dossier, fact: ev.BepalingGemeld) -> Dossier:
    known = _known(dossier, fact)
    return _with(dossier, replace(known, bepalingen=(*known.bepalingen, fact)))


def _perspectief(dossier: Dossier, fact: ev.OntwikkelingsperspectiefVastgesteld) -> Dossier:
    return _with(dossier, leerplicht.with_perspectief(_known(dossier, fact), fact))


def _known(dossier: Dossier, fact: ev.Enrolment) -> Inschrijving:
    known = dossier.inschrijvingen.get((fact.instellingscode, fact.volgnummer))
    if known is None:
        raise Senseless(
            "volgnummer",
            "deze inschrijving is op dat moment niet bekend",
            "lees eerst de InschrijvingGeregistreerd in, of controleer code en volgnummer",
        )
    return known


def _known_tlv(dossier: Dossier, fact: ev.TlvGewijzigd | ev.TlvIngetrokken) -> Tlv:
    known = dossier.tlvs.get(fact.nummer)
    if known is None:
        raise Senseless(
            "nummer",
            "deze tlv is bij deze leerling op dat moment niet bekend",
            "lees eerst de TlvAfgegeven in, of controleer het nummer",
        )
    return known


def _given(fact: ev.InschrijvingGewijzigd | ev.InschrijvingGecorrigeerd) -> dict[str, Any]:
    """Return the period attributes that the fact names."""
    values = zip(ATTRIBUTES, _attributes(fact), strict=True)
    return {name: value for name, value in values if value is not UNSET}


def _with(dossier: Dossier, inschrijving: Inschrijving) -> Dossier:
    """Return the dossier with the enrolment as it is now. Raises Senseless if it cannot be."""
    if len(inschrijving.perioden) > 1 or inschrijving.einddatum is not None:
        _check(inschrijving)
    elif inschrijving.perioden[0].vanaf != inschrijving.begindatum:
        raise _not_on_begindatum()
    known = dossier.inschrijvingen
    sleutel = inschrijving.instellingscode, inschrijving.volgnummer
    if known.get(sleutel) == inschrijving:
        return dossier
    return replace(dossier, inschrijvingen={**known, sleutel: inschrijving})


def _with_tlv(dossier: Dossier, tlv: Tlv) -> Dossier:
    if dossier.tlvs.get(tlv.nummer) == tlv:
        return dossier
    return replace(dossier, tlvs={**dossier.tlvs, tlv.nummer: tlv})


def _check(inschrijving: Inschrijving) -> None:
    """Raise Senseless when dates or schoolsoorten contradict each other (events.md 4)."""
    perioden, einddatum = inschrijving.perioden, inschrijving.einddatum
    if einddatum is not None and einddatum < inschrijving.begindatum:
        raise Senseless(
            "einddatum", "een inschrijving eindigt niet voor haar begin", "controleer de data"
        )
    if perioden[0].vanaf != inschrijving.begindatum:
        raise _not_on_begindatum()
    before, schoolsoorten = None, set()
    for periode in perioden:
        if before is not None and periode.vanaf <= before:
            raise _not_ascending()
        before = periode.vanaf
        schoolsoorten.add(periode.schoolsoort)
    if einddatum is not None and einddatum < perioden[-1].vanaf:
        raise Senseless(
            "einddatum",
            "een inschrijving eindigt niet voor het begin van haar laatste periode",
            "corrigeer eerst de perioden met InschrijvingGecorrigeerd",
        )
    if len(schoolsoorten) > 1:
        raise Senseless(
            "schoolsoort",
            "de schoolsoort verandert niet binnen een inschrijving",
            "registreer een uitschrijving en een nieuwe inschrijving",
        )


def _not_ascending() -> Senseless:
    return Senseless(
        "perioden",
        "perioden beginnen op verschillende, oplopende dagen",
        "zet ze in volgorde en geef elke periode een eigen begin",
    )


def _not_on_begindatum() -> Senseless:
    return Senseless(
        "perioden",
        "de eerste periode begint op de begindatum van de inschrijving",
        "geef de eerste periode de begindatum, of geef de begindatum erbij",
    )


_Handler = Callable[[Dossier, Any], Dossier]
_HANDLERS: Final[dict[type[ev.Fact], _Handler]] = {
    ev.Beschermd: _unchanged,
    ev.LeerlingGeregistreerd: _leerling,
    ev.PgnVervangen: _unchanged,
    ev.WoonplaatsVastgelegd: _woonplaats,
    ev.InschrijvingGeregistreerd: _geregistreerd,
    ev.InschrijvingGewijzigd: _gewijzigd,
    ev.InschrijvingGecorrigeerd: _gecorrigeerd,
    ev.UitschrijvingGeregistreerd: _uitgeschreven,
    ev.UitschrijvingIngetrokken: _weer_lopend,
    ev.InschrijvingVerwijderd: _verwijderd,
    ev.TlvAfgegeven: _tlv_afgegeven,
    ev.TlvGewijzigd: _tlv_gewijzigd,
    ev.TlvIngetrokken: _tlv_ingetrokken,
    ev.TlvGekoppeld: _gekoppeld,
    ev.TlvOntkoppeld: _ontkoppeld,
    ev.BepalingGemeld: _bepaling,
    ev.VerzuimGemeld: leerplicht.verzuim_gemeld,
    ev.VerzuimBeeindigd: leerplicht.verzuim_beeindigd,
    ev.VrijstellingVerleend: leerplicht.vrijstelling_verleend,
    ev.VrijstellingBeeindigd: leerplicht.vrijstelling_beeindigd,
    ev.OntwikkelingsperspectiefVastgesteld: _perspectief,
}
