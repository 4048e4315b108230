"""By which rules a unit decides: its own, else those of the unit above, else the standard."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import Q

from rongdang.describe.conflicts.models import RuleChange
from rongdang.describe.people.projection import Rule, Rules, standard


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Path of a unit → fields it decides by criteria of its own."""

    own: Mapping[str, Mapping[str, tuple[str, ...]]]
    clauses: Mapping[tuple[str, str], str]

    @classmethod
    def load(cls, moment: dt.datetime | None = None) -> RuleBook:
        """All that hold now, or held at a moment; one query, of few rows."""
        rows = RuleChange.objects.holding()
        if moment is not None:
            rows = RuleChange.objects.filter(
                Q(ended_at=None) | Q(ended_at__gt=moment), agreed_at__lte=moment
            )
        own: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        clauses = {}
        for change in rows.select_related("unit"):
            own[change.unit.path][change.field] = tuple(change.by)
            clauses[change.unit.path, change.field] = change.clause
        return cls(own, clauses)

    def at(self, scope: str) -> Rules:
        """The rule of every field in the unit at that path."""
        if not self.own:
            return standard()
        rules = dict(standard())
        parts = scope.split(".")
        for cut in range(1, len(parts) + 1):
            path = ".".join(parts[:cut])
            for name, by in self.own.get(path, {}).items():
                if name in rules:
                    rules[name] = self._own(standard()[name], by, path)
        return rules

    def _own(self, rule: Rule, by: tuple[str, ...], path: str) -> Rule:
        """Without criteria a unit goes back to the standard below a unit that does not."""
        if not by:
            return rule
        return replace(
            rule, by=by, of_unit=path, clause=self.clauses[path, rule.field], zh="", en=""
        )
