"""By which rules a unit decides: its own, else those of the unit above, else the standard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rongdang.describe.conflicts.models import RuleChange
from rongdang.describe.people.projection import Rule, Rules, standard


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Path of a unit → fields it decides by criteria of its own."""

    own: Mapping[str, Mapping[str, tuple[str, ...]]]
    clauses: Mapping[tuple[str, str], str]

    @classmethod
    def load(cls) -> RuleBook:
        """All that hold now; one query, of few rows."""
        own: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        clauses = {}
        for change in RuleChange.objects.holding().select_related("unit"):
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
