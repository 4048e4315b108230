"""The comparisons as Splink takes them; the same for DuckDB and for Spark."""

from __future__ import annotations

from typing import Any

from rongdang.describe.linkage.comparisons import COMPARISONS, WORDS, Comparison
from rongdang.describe.linkage.model import Model


def comparison_settings(
    dialect: str, *, model: Model | None, prior: float = 0.0001
) -> dict[str, Any]:
    """Splink's settings; without a model the rates are still to be learnt."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": prior,
        "comparisons": [_comparison(one, dialect, model) for one in COMPARISONS],
        "blocking_rules_to_generate_predictions": [],
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
        "em_convergence": 0.0005,
    }


def _comparison(one: Comparison, dialect: str, model: Model | None) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": one.missing_sql,
            "label_for_charts": "missing",
            "is_null_level": True,
        }
    ]
    for index, level in enumerate(one.levels):
        told: dict[str, Any] = {
            "sql_condition": level.sql.format(**WORDS[dialect]),
            "label_for_charts": level.code,
        }
        if level.frequency:
            told |= {
                "tf_adjustment_column": level.frequency,
                "disable_tf_exact_match_detection": True,
            }
        if model:
            m, u = model.rates[one.name][index]
            told |= {"m_probability": m, "u_probability": u}
        levels.append(told)
    return {
        "output_column_name": one.name,
        "comparison_description": one.name,
        "comparison_levels": levels,
    }
