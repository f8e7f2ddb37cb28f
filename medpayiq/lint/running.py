"""Asks every rule about every tip, and drops what a tip is excepted from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from medpayiq import yamlmarks
from medpayiq.content.tips import Tip
from medpayiq.findings import Finding, Findings
from medpayiq.lint import code_rules, source_rules, text_rules
from medpayiq.lint.context import ACROSS, RULES, Check, Context, Problem
from medpayiq.lint.fixing import Fix
from medpayiq.lint.remembering import Clean

_MODULES = (code_rules, text_rules, source_rules)
"""Loading them registers their rules."""


def rules() -> Mapping[str, Check]:
    """Return every rule by its name."""
    return RULES


def run(context: Context, findings: Findings, tips: Iterable[Tip] | None = None, *, clean: Clean | None = None) -> list[Fix]:
    """Add what the rules find to ``findings``; return what is certain enough to be written.

    Of tips that are known to be ``clean`` only those rules are asked that compare a tip with others, and none if all are.
    """
    if clean is not None and all(map(clean.has, context.library.tips)):
        return []
    fixes: list[Fix] = []
    across = [name for name in RULES if name in ACROSS]
    for tip in context.library.tips if tips is None else tips:
        used = set()
        # An exception is always looked at: another tip may have made it needless.
        asked = across if clean is not None and clean.has(tip) and not tip.allow else RULES
        for name in asked:
            check = RULES[name]
            for problem in check(tip, context):
                if name in tip.allow:
                    used.add(name)
                    continue
                findings.extend([_finding(name, problem, tip.document)])
                if problem.put is not None:
                    fixes.append(Fix(tip.document.file, problem.path, problem.put))
        for i, name in enumerate(tip.allow):
            if name in RULES and name not in used and _answered(name, context):
                findings.extend([_finding("needless-exception", Problem(("allow", i), f"{name} finds nothing here", "take the exception out"), tip.document)])
    return fixes


def _answered(name: str, context: Context) -> bool:
    """Say whether a rule could have found something here: some ask what only a full release, or CMS's file of descriptors, can tell."""
    return bool(context.descriptors) if name == "copied-descriptor" else context.whole


def _finding(name: str, problem: Problem, document: yamlmarks.Document) -> Finding:
    line, column = document.at(*problem.path)
    return Finding(problem.level, document.file, line, column, problem.message, problem.hint, name)
