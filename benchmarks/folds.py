"""DuckDB and Polars folding raw events at the moment of the question, without a read model.

The question is how many enrolments are active per vestiging and categorie. The fold covers
what is known of each enrolment and tlv (rules.md 2) and the categorie (rules.md 3). It leaves
out who answers, whether an enrolment counts, double enrolments, lists of replaced periods,
and that a change of an earlier period is passed on to no later one.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.raw_events import ATTRIBUTES
from ledger.codes import ATTRIBUTED, CLOSED, RESIDENTIAL
from projections.attribution import CATEGORIE_WITHOUT_TLV
from projections.store.ask import AsOf

if TYPE_CHECKING:
    import duckdb
    import polars as pl

Active = tuple[str, str | None, int]
"""A vestiging, a categorie, and how many enrolments are active there."""

KEY: Final = ("groep", "instellingscode", "volgnummer")
WHOLE: Final = ("InschrijvingGeregistreerd", "InschrijvingGecorrigeerd")
"""What speaks of the first period."""


def _listed(values: Any) -> str:  # noqa: ANN401 - any strings
    return ", ".join(f"'{value}'" for value in sorted(values))


_FIRST: Final = f"soort IN ({_listed(WHOLE)})"
_LATER: Final = "soort = 'InschrijvingGewijzigd' AND vanaf <= $t"
_ATTRIBUTES: Final = ",\n".join(
    f"""coalesce(
        arg_max({name}, (vanaf, volgorde)) FILTER ({_LATER} AND {name} IS NOT NULL),
        arg_max({name}, volgorde) FILTER ({_FIRST} AND {name} IS NOT NULL)) AS {name}"""
    for name in ATTRIBUTES
)
_DUCKDB: Final = f"""
WITH told AS (SELECT * FROM read_parquet($events) WHERE bekend_op <= $k),
inschrijvingen AS (
    SELECT {", ".join(KEY)},
        max(volgorde) FILTER (soort = 'InschrijvingGeregistreerd') AS geregistreerd,
        max(volgorde) FILTER (soort = 'InschrijvingVerwijderd') AS verwijderd,
        arg_max(begindatum, volgorde) FILTER (begindatum IS NOT NULL) AS begin,
        arg_max(CASE soort WHEN 'UitschrijvingIngetrokken' THEN 99991231 ELSE einddatum END,
                volgorde)
            FILTER (einddatum IS NOT NULL OR soort = 'UitschrijvingIngetrokken') AS eind,
        {_ATTRIBUTES}
    FROM told WHERE volgnummer IS NOT NULL GROUP BY ALL
    HAVING geregistreerd > coalesce(verwijderd, 0) AND begin <= $t AND eind >= $t),
tlvs AS (
    SELECT groep, nummer,
        arg_max(categorie, volgorde) FILTER (categorie IS NOT NULL) AS soort_tlv,
        arg_max(begindatum, volgorde) FILTER (begindatum IS NOT NULL) AS tlv_begin,
        arg_max(einddatum, volgorde) FILTER (einddatum IS NOT NULL) AS tlv_eind,
        arg_max(per, volgorde) FILTER (per IS NOT NULL) AS per
    FROM told WHERE volgnummer IS NULL GROUP BY ALL
    HAVING tlv_begin <= $t AND tlv_eind >= $t AND coalesce(per, 99991231) > $t),
koppelingen AS (
    SELECT {", ".join(KEY)}, nummer, door FROM told
    WHERE soort IN ('TlvGekoppeld', 'TlvOntkoppeld') GROUP BY ALL
    HAVING arg_max(soort, volgorde) = 'TlvGekoppeld'),
bruikbaar AS (
    SELECT {", ".join(KEY)}, arg_max(soort_tlv, (tlv_begin, nummer)) AS uit_tlv
    FROM inschrijvingen JOIN koppelingen USING ({", ".join(KEY)}) JOIN tlvs USING (groep, nummer)
    WHERE schoolsoort IN ({_listed(ATTRIBUTED)})
        AND left(nummer, 2) = CASE schoolsoort WHEN 'VSO' THEN 'VO' ELSE 'PO' END
        AND (soort_tlv = 'SBO') = (schoolsoort = 'SBO')
        AND (door = 'school' OR soort_verblijf NOT IN ({_listed(RESIDENTIAL)}))
        AND soort_verblijf NOT IN ({_listed(CLOSED)}) AND coalesce(cluster, '') NOT IN ('1', '2')
    GROUP BY ALL)
SELECT vestigingscode,
    CASE WHEN schoolsoort NOT IN ({_listed(ATTRIBUTED)}) THEN NULL
         WHEN schoolsoort = 'SBO' THEN 'SBO'
         ELSE coalesce(uit_tlv, ondersteuningscategorie, '{CATEGORIE_WITHOUT_TLV}') END,
    count(*)
FROM inschrijvingen LEFT JOIN bruikbaar USING ({", ".join(KEY)}) GROUP BY 1, 2
"""  # noqa: S608 - constants


def by_duckdb(connection: duckdb.DuckDBPyConnection, events: Path, as_of: AsOf) -> list[Active]:
    """Return the answer of DuckDB, from the file."""
    return connection.execute(_DUCKDB, {"events": str(events), **as_of.bounds}).fetchall()


def by_polars(events: Path, as_of: AsOf) -> list[Active]:
    """Return the answer of Polars, from the file, lazily."""
    import polars as pl  # noqa: PLC0415 - of the extra `bench`

    told = pl.scan_parquet(events).filter(pl.col("bekend_op") <= as_of.bounds["k"])
    t = as_of.bounds["t"]
    active = _enrolments(told, t)
    with_tlv = active.join(_usable(told, active, t), on=KEY, how="left")
    attributed, sbo = (
        pl.col("schoolsoort").is_in(sorted(ATTRIBUTED)),
        pl.col("schoolsoort") == "SBO",
    )
    categorie = (
        pl.when(~attributed).then(None)
        .when(sbo).then(pl.lit("SBO"))
        .otherwise(pl.coalesce("uit_tlv", "ondersteuningscategorie", pl.lit(CATEGORIE_WITHOUT_TLV)))
    )  # fmt: skip
    counted = with_tlv.group_by("vestigingscode", categorie.alias("categorie")).len()
    return counted.collect().rows()


def _latest(name: str, *conditions: pl.Expr, by: tuple[str, ...] = ("volgorde",)) -> pl.Expr:
    """Return the last thing said of a column, of what some conditions hold for."""
    import polars as pl  # noqa: PLC0415 - of the extra `bench`

    column = pl.col(name)
    said = reduce(lambda one, two: one & two, conditions, column.is_not_null())
    return column.filter(said).sort_by(*(pl.col(one).filter(said) for one in by)).last()


def _enrolments(told: pl.LazyFrame, t: int) -> pl.LazyFrame:
    """Return the enrolments that are active on a day, with what holds for them."""
    import polars as pl  # noqa: PLC0415 - of the extra `bench`

    soort, volgorde = pl.col("soort"), pl.col("volgorde")
    first = soort.is_in(WHOLE)
    later = (soort == "InschrijvingGewijzigd") & (pl.col("vanaf") <= t)
    open_again = pl.when(soort == "UitschrijvingIngetrokken").then(99991231)
    attributes = [
        pl.coalesce(_latest(name, later, by=("vanaf", "volgorde")), _latest(name, first)).alias(
            name
        )
        for name in ATTRIBUTES
    ]
    known = (
        told.filter(pl.col("volgnummer").is_not_null())
        .with_columns(open_again.otherwise(pl.col("einddatum")).alias("einddatum"))
        .group_by(KEY)
        .agg(
            volgorde.filter(soort == WHOLE[0]).max().alias("geregistreerd"),
            volgorde.filter(soort == "InschrijvingVerwijderd").max().alias("verwijderd"),
            _latest("begindatum"),
            _latest("einddatum"),
            *attributes,
        )
    )
    return known.filter(
        pl.col("geregistreerd") > pl.col("verwijderd").fill_null(0),
        pl.col("begindatum") <= t,
        pl.col("einddatum") >= t,
    )


def _usable(told: pl.LazyFrame, active: pl.LazyFrame, t: int) -> pl.LazyFrame:
    """Return the categorie of the tlv that decides, per enrolment that has one."""
    import polars as pl  # noqa: PLC0415 - of the extra `bench`

    soort, nummer, schoolsoort = pl.col("soort"), pl.col("nummer"), pl.col("schoolsoort")
    linked = (
        told.filter(soort.is_in(["TlvGekoppeld", "TlvOntkoppeld"]))
        .group_by(*KEY, "nummer", "door")
        .agg(soort.sort_by("volgorde").last())
        .filter(soort == "TlvGekoppeld")
    )
    tlvs = (
        told.filter(pl.col("volgnummer").is_null())
        .group_by("groep", "nummer")
        .agg(_latest("categorie"), _latest("begindatum"), _latest("einddatum"), _latest("per"))
        .filter(
            pl.col("begindatum") <= t, pl.col("einddatum") >= t, pl.col("per").fill_null(t + 1) > t
        )
    )
    of_enrolment = active.select(*KEY, "schoolsoort", "soort_verblijf", "cluster")
    joined = of_enrolment.join(linked, on=KEY).join(tlvs, on=("groep", "nummer"))
    verblijf = pl.col("soort_verblijf")
    fitting = joined.filter(
        schoolsoort.is_in(sorted(ATTRIBUTED)),
        nummer.str.head(2)
        == pl.when(schoolsoort == "VSO").then(pl.lit("VO")).otherwise(pl.lit("PO")),
        (pl.col("categorie") == "SBO") == (schoolsoort == "SBO"),
        (pl.col("door") == "school") | ~verblijf.is_in(sorted(RESIDENTIAL)),
        ~verblijf.is_in(sorted(CLOSED)),
        ~pl.col("cluster").fill_null("").is_in(["1", "2"]),
    )
    decides = pl.col("categorie").sort_by("begindatum", "nummer").last()
    return fitting.group_by(KEY).agg(decides.alias("uit_tlv"))
