"""The SQL of the batch: tables, frequencies, candidates under common keys, what is kept of a score."""

from __future__ import annotations

from itertools import pairwise

from rongdang.describe.linkage.comparisons import COMPARISONS
from rongdang.describe.linkage.keys import RULES
from rongdang.describe.linkage.model import CURVES, Guard, Knots, Model
from rongdang.describe.linkage.scoring import UNSEEN, USUAL_SHARES

# As Arrow names them; "list" is a list of texts.
COLUMNS = {
    "unique_id": "int32",
    "name": "string",
    "names": "list",
    "many": "bool",
    "surname": "string",
    "sound": "string",
    "loose": "string",
    "shape": "string",
    "number": "string",
    "verified": "bool",
    "refuted": "bool",
    "birth_year": "int16",
    "birth_month": "int8",
    "birth_day": "int8",
    "birth_at": "int32",
    "enlisted_year": "int16",
    "enlisted_month": "int8",
    "province": "string",
    "county": "string",
    "place": "string",
    "sex": "string",
    "kin": "list",
    "unit": "string",
}
_KINDS = {
    "int32": "integer",
    "int16": "integer",  # year * 12 + month does not fit into less
    "int8": "integer",
    "string": "varchar",
    "bool": "boolean",
    "list": "varchar[]",
}
FREQUENT = tuple(USUAL_SHARES)


def shares(column: str) -> str:
    """Each value and its share, as `scoring.share` tells it."""
    return (
        f"select {column}, (count(*) + {UNSEEN * USUAL_SHARES[column]:f}e0) / cast((select"
        f" count({column}) from loaded) + {UNSEEN} as double) as tf_{column}"
        f" from loaded where {column} is not null group by {column}"
    )


TABLES = (
    "create table loaded ("
    + ", ".join(f"{name} {_KINDS[kind]}" for name, kind in COLUMNS.items())
    + ")"
)
TAKE = f"insert into loaded select {', '.join(COLUMNS)} from chunk"


def keys(table: str, explode: str = "unnest") -> str:
    """All keys of all rows, as `keys.keys_of` makes them: key, record, most."""
    parts = (
        f"select '{rule.letter}' || {rule.sql} as key, unique_id as record,"
        f" cast({rule.most} as smallint) as most from"
        f" {'named' if 'one' in rule.sql.split() else 'related' if 'relative' in rule.sql else table}"
        for rule in RULES
    )
    return (
        f"with named as (select *, {explode}(names) as one from {table}),"
        f" related as (select *, {explode}(kin) as relative from {table}),"
        f" made as ({' union all '.join(parts)})"
        " select key, record, most from made where key is not null"
    )


FREQUENCIES = (
    *(f"create table share_{column} as {shares(column)}" for column in FREQUENT),
    "create table features as select loaded.*, "
    + ", ".join(f"tf_{column}" for column in FREQUENT)
    + " from loaded "
    + " ".join(f"left join share_{column} using ({column})" for column in FREQUENT),
    "drop table loaded",
)
CANDIDATES = (
    f"create table keys as select hash(key) as key, record, most from ({keys('features')})",
    (
        "create table bearers as select key, count(*) as n from keys group by key"
        " having count(*) between 2 and any_value(most)"
    ),
    "create table narrow as select keys.key, keys.record from keys semi join bearers using (key)",
    "drop table keys",
    (
        "create table candidates as select distinct '0' as match_key, a.record as join_key_l,"
        " b.record as join_key_r from narrow a join narrow b"
        " on a.key = b.key and a.record < b.record"
    ),
    "drop table narrow",
    "drop table bearers",
)
SURE_PAIRS = (
    "select count(*) from candidates join features a on a.unique_id = join_key_l"
    " join features b on b.unique_id = join_key_r"
    " where a.number = b.number or (a.name = b.name and a.birth_at = b.birth_at)"
)
SURE_RECALL = 0.8
NAMES = tuple(comparison.name for comparison in COMPARISONS)
EDGES = (
    "select first, second, probability, weight from scored where probability >= ?"
    " order by probability desc, weight desc, first, second"
)
TOUCHED = (
    "select unique_id, case when verified then number end, sex, birth_year from features"
    " semi join (select first as unique_id from scored where probability >= $1"
    " union select second from scored where probability >= $1) using (unique_id)"
)


PART = "create or replace table part as select * from candidates where join_key_l % $1 = $2"
SCORED = (
    "create table scored (first integer, second integer, weight double, "
    + ", ".join(f"level_{name} tinyint" for name in NAMES)
    + ", "
    + ", ".join(f"weight_{name} float" for name in NAMES)
    + ", probability double)"
)


def keep_scored(predicted: str, model: Model) -> str:
    return f"insert into scored {judged(predicted, model)}"


def judged(predicted: str, model: Model) -> str:
    """What is kept of Splink's table, for DuckDB and for Spark.

    Levels are counted from the top, as `comparisons` counts them.
    """
    levels = ", ".join(
        f"cast(case when gamma_{comparison.name} < 0 then -1"
        f" else {len(comparison.levels) - 1} - gamma_{comparison.name} end as tinyint)"
        f" as level_{comparison.name}"
        for comparison in COMPARISONS
    )
    weights = ", ".join(_weight(name) for name in NAMES)
    return (
        f"with told as (select unique_id_l as first, unique_id_r as second,"
        f" match_weight as weight, {levels}, {weights} from {predicted})"
        f" select *, {_probability(model)} as probability from told"
    )


def _weight(name: str) -> str:
    frequent = any(level.frequency for c in COMPARISONS if c.name == name for level in c.levels)
    more = f" + mw_tf_adj_{name}" if frequent else ""
    return f"cast(mw_{name}{more} as float) as weight_{name}"


def _probability(model: Model) -> str:
    """What `Model.judged` says, over the columns of a pair."""
    caps = "".join(
        f", case when {_holds(g)} then {_number(g.most)} else 1e0 end" for g in model.guards
    )
    plain, *more = CURVES
    chosen = "".join(
        f" when {' or '.join(f'({_holds(g)})' for g in speaking)} then {_calibrated(model.curves[name])}"
        for name in reversed(more)
        if (speaking := [guard for guard in model.guards if guard.curve == name])
    )
    return f"least(case{chosen} else {_calibrated(model.curves[plain])} end{caps})"


def _holds(guard: Guard) -> str:
    return " and ".join(
        f"level_{NAMES[place]} in ({', '.join(str(index) for index in sorted(wanted))})"
        for place, wanted in guard.places()
    )


def _calibrated(knots: Knots) -> str:
    cases = [f"when weight < {_number(knots[0][0])} then {_number(knots[0][1])}"]
    for (left, low), (right, high) in pairwise(knots):
        cases.append(
            f"when weight < {_number(right)} then {_number(low)} + {_number(high - low)}"
            f" * ((weight - {_number(left)}) / {_number(right - left)})"
        )
    return f"case {' '.join(cases)} else {_number(knots[-1][1])} end"


def _number(value: float) -> str:
    """A literal that is no decimal in any dialect."""
    told = repr(value)
    return told if "e" in told else f"{told}e0"


def scored_rows() -> str:
    """Columns of `scored` as `engine.Pair` takes them."""
    levels = ", ".join(f"level_{name}" for name in NAMES)
    weights = ", ".join(f"weight_{name}" for name in NAMES)
    return (
        f"select first, second, probability, weight, {levels}, {weights} from scored"
        " where probability >= ? order by probability desc, weight desc, first, second"
    )
