"""One claim against bare numbers, for people as text or Markdown, for programs as JSON."""

from __future__ import annotations

from typing import Any

from auditor import __version__
from auditor.report.cells import inert
from auditor.report.json import dumps
from auditor.report.summary import count
from auditor.report.table import aligned
from auditor.report.text import STYLES
from auditor.verdict.case import Case
from auditor.verdict.prediction import Claimed, ClaimTest

VERSION = 1
HEADS = ("runs", "mean", "sd", "t", "p", "claim above mean", "reproduced up to", "answer")
COLORS = {"reproduced": "good", "not reproduced": "error", "inconclusive": "warning"}


def render(style: str, *, case: Case, color: bool = False) -> str:
    """The verdict in one of text, markdown and json, ending in a newline."""
    if style == "json":
        return dumps(values(case))

    def paint(kind: str, text: str) -> str:
        return f"\x1b[{STYLES[kind]}m{text}\x1b[0m" if color else text

    head, rows, said = title(case), table(case), sentences(case)
    if style == "markdown":
        lines = [f"### fmaudit: {head}", ""]  # every word of it is ours, but for a plain number
        if rows:
            lines += [f"| {' | '.join(HEADS)} |", "|---" * len(HEADS) + "|"]
            lines += [f"| {' | '.join(row)} |" for row in rows]
            lines.append("")
        return "\n".join([*lines, *(f"- {line}" for line in said)]) + "\n"
    printed = [paint(COLORS[case.decision.answer], head)]
    if rows:
        printed += ["", *(f"  {line}" for line in aligned([HEADS, *rows], paint, right=7)), ""]
    return "\n".join(map(inert, [*printed, *(f"  {line}" for line in said)])) + "\n"


def title(case: Case) -> str:
    """The verdict in one line."""
    return f"claim {case.claim} ({_kind(case.evidence.claimed)}): {case.decision.answer}"


def table(case: Case) -> list[tuple[str, ...]]:
    """One row for each look that the runs reached."""
    return [
        (
            str(look.n),
            f"{case.sign * look.mean:.{case.places}f}",
            f"{look.sd:.3g}",
            f"{look.t:.2f}",
            f"{look.p:.2g}",
            f"{look.shortfall_sd:.1f} sd",
            f"{look.limit_sd:.1f} sd",
            look.answer,
        )
        for look in case.decision.looks
    ]


def sentences(case: Case) -> list[str]:
    """What the figures mean, how sure they are, and what would decide."""
    decision = case.decision
    told = [_level(case)]
    if decision.looks:
        told += [_spread(case), _elsewhere(case)]
    if case.evidence.claimed.tolerance is not None and decision.looks:
        told.append(_tolerance(case, decision.looks[-1]))
    told += case.notes
    waiting = decision.n - (decision.looks[-1].n if decision.looks else 0)
    if waiting:
        told.append(_waiting(case, waiting))
    if decision.answer == "inconclusive":
        told.append(_outlook(case))
    return told


def values(case: Case) -> dict[str, Any]:
    """The verdict as JSON values; keys as in `auditor.formats.verdict.Verdict`."""
    decision, evidence, claimed = case.decision, case.evidence, case.evidence.claimed
    return {
        "version": VERSION,
        "tool": {"name": "fmaudit", "version": __version__},
        "claim": case.claim,
        "claim_runs": int(claimed.runs),
        "best_of": claimed.best_of,
        "lower_is_better": case.lower_is_better,
        "verdict": decision.answer,
        "n": decision.n,
        "plan": list(decision.plan),
        "alpha": decision.alpha,
        "level": decision.level,
        "rho": claimed.rho,
        "tolerance": claimed.tolerance,
        "looks": [_look(case, look) for look in decision.looks],
        "elsewhere": _look(case, decision.elsewhere) if decision.elsewhere else None,
        "prior": {"df": evidence.prior.df, "sd": evidence.prior.variance**0.5} if evidence.prior else None,
        "next_look": decision.next_look,
        "runs_to_decide": decision.needed,
        "notes": list(case.notes),
    }


def _look(case: Case, look: ClaimTest) -> dict[str, Any]:
    return {
        "n": look.n,
        "verdict": look.answer,
        "mean": case.sign * look.mean,
        "sd": look.own_sd,
        "sd_pooled": look.sd,
        "df": float(look.df),
        "t": look.t,
        "p": look.p,
        "shortfall_sd": look.shortfall_sd,
        "limit_sd": look.limit_sd,
        "within_tolerance": look.within_tolerance,
    }


def _kind(claimed: Claimed) -> str:
    mean = f"mean of {claimed.runs:g} runs" if claimed.runs > 1 else "a single run"
    if claimed.best_of == 1:
        return mean
    return f"best of {claimed.best_of} {'runs' if claimed.runs == 1 else f'means of {claimed.runs:g} runs'}"


def _level(case: Case) -> str:
    decision = case.decision
    words = ", ".join(map(str, decision.plan))
    if len(decision.plan) == 1:
        text = f"not reproduced below p = {decision.level:.3g}, with {words} runs fixed beforehand"
    else:
        text = (
            f"not reproduced below p = {decision.level:.3g} at each of the looks {words}: an honest claim "
            f"fails in at most {100 * decision.alpha:g} % of cases"
        )
    if case.evidence.claimed.best_of > 1:
        text += f"; p is of the largest of {case.evidence.claimed.best_of} draws (exact order statistic)"
    return text


def _spread(case: Case) -> str:
    last = case.decision.looks[-1]
    parts = [f"the fresh runs spread by {last.own_sd:.3g}"]
    if case.fit is not None:
        cap = ", as many as they have" if case.fit.capped else ""
        parts.append(
            f"moderated by {case.fit.groups} earlier releases ({case.fit.prior.df:.1f} degrees of freedom"
            f"{cap}, sd {case.fit.prior.variance**0.5:.3g})"
        )
    if case.evidence.published:
        n = len(case.evidence.published)
        own_df = last.n - 1 + (case.evidence.prior.df if case.evidence.prior else 0.0)
        pooled = last.df > own_df
        parts.append(
            f"pooled with the {n} published values to {last.sd:.3g}"
            if pooled
            else f"the {n} published values spread more and are not pooled"
            if n > 1
            else "one published value tells no spread"
        )
    if _floored(case, last):
        parts.append("which is the floor that the metric's step and the printed digits set")
    return f"{', '.join(parts)}; {last.df:g} degrees of freedom"


def _floored(case: Case, last: ClaimTest) -> bool:
    floor = max(case.evidence.quantum**2 / 12, case.evidence.claimed.half_unit**2 / 3)
    return last.own_sd**2 <= floor * (1 + 1e-12)


def _elsewhere(case: Case) -> str:
    other = case.decision.elsewhere
    assert other is not None  # there is one wherever there is a look
    where = "the same class of device" if case.evidence.claimed.rho else "another class of device"
    rho = 0 if case.evidence.claimed.rho else 1
    return f"were the runs from {where} (ρ = {rho}): {other.answer}, p = {other.p:.2g}"


def _tolerance(case: Case, last: ClaimTest) -> str:
    tolerance = f"{case.evidence.claimed.tolerance:g}"
    if not last.within_tolerance:
        return f"the shortfall is not surely within the declared tolerance of {tolerance}"
    shift = "a real shift, but " if last.p < last.level else ""
    return f"{shift}95 % sure to be within the declared tolerance of {tolerance}"


def _waiting(case: Case, waiting: int) -> str:
    n = case.decision.n
    text = f"{count(waiting, 'run')} beyond the last look {'waits' if waiting == 1 else 'wait'} for the next"
    testable = n > 1 or case.evidence.prior is not None
    return f"{text}; if {n} were fixed beforehand: --looks {n}" if testable else text


def _outlook(case: Case) -> str:
    decision = case.decision
    following = decision.next_look
    look = (
        f"the next look is at {count(following, 'run')}, {following - decision.n} more" if following else ""
    )
    if not decision.looks:
        return look
    if decision.needed is None:
        runs = "no practical number of runs like these would decide"
    else:
        runs = f"about {count(decision.needed, 'run')} in all would decide if they go on like these"
    return "; ".join(part for part in (look, runs) if part)
