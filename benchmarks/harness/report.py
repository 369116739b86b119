"""What was measured, for people: on the terminal, and as the tables of docs/performance.md."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness.comparison import Limit

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
# What is between these lines of the document is made from the figures.
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
NO_COST = 0.005


@dataclass(frozen=True)
class Spread:
    """A figure over all rounds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{number(self.median)} ({number(self.lowest)}–{number(self.highest)})"


@dataclass(frozen=True)
class Row:
    """One figure of a comparison.

    Attributes:
        figure: What was measured.
        subject: Its value.
        reference: That of the reference; None without one.
        ratio: The subject's through the reference's, round by round; None without one.
        limit: What must hold; None where it is only reported.
    """

    figure: str
    subject: Spread
    reference: Spread | None
    ratio: Spread | None
    limit: Limit | None

    @property
    def verdict(self) -> str:
        """The limit, and whether it holds."""
        if self.limit is None:
            return ""
        holds = self.limit.holds((self.ratio or self.subject).median)
        return f"{self.limit} {'✓' if holds else '✗'}"


def number(value: float) -> str:
    """`value` with three digits that count."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".") if value else "0"


def rows(comparison: Mapping[str, Any]) -> Iterator[Row]:
    """The figures of a comparison, as the runner recorded it."""
    rounds = comparison["rounds"]
    for figure in rounds[0]["subject"]["figures"]:
        subject = [each["subject"]["figures"][figure] for each in rounds]
        reference = [
            each["reference"]["figures"][figure]
            for each in rounds
            if figure in each.get("reference", {}).get("figures", {})
        ]
        ratio = [ours / theirs for ours, theirs in zip(subject, reference, strict=False) if theirs]
        limit = comparison["limits"].get(figure)
        yield Row(
            figure,
            Spread.of(subject),
            Spread.of(reference) if reference else None,
            Spread.of(ratio) if ratio else None,
            Limit(**limit) if limit else None,
        )


def costs(comparison: Mapping[str, Any]) -> Iterator[str]:
    """Processor time a request of each process of the subject and of the reference."""
    for side in ("subject", "reference"):
        samples = [each[side] for each in comparison["rounds"] if side in each]
        if not samples:
            continue
        cpu = {
            name: median(each["cpu_ms"][name] for each in samples)
            for name in _of(samples, "cpu_ms")
        }
        if any(ms >= NO_COST for ms in cpu.values()):
            dearest = sorted(cpu.items(), key=lambda each: -each[1])
            yield f"{comparison[side]}, CPU ms a request: " + ", ".join(
                f"{name} {ms:.2f}" for name, ms in dearest if ms >= NO_COST
            )


def holdings(comparison: Mapping[str, Any]) -> Iterator[str]:
    """Memory of each process of the subject and of the reference, at the end."""
    for side in ("subject", "reference"):
        held = comparison["rounds"][-1].get(side, {}).get("memory")
        if held:
            yield f"{side}, memory MB (RSS/PSS): " + ", ".join(
                f"{name} {each['rss']:.0f}/{each['pss']:.0f}" for name, each in held.items()
            )


def _of(samples: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    """The processes that all samples tell of: one that was started anew may miss in some."""
    return [name for name in samples[0][kind] if all(name in each[kind] for each in samples)]


def text(name: str, answer: Mapping[str, Any]) -> str:
    """An answer as text."""
    lines = [f"{name}: {answer['asks']}"]
    for each in answer["comparisons"]:
        lines.append(f"  {_title(each)}")
        for row in rows(each):
            values = f"{row.subject}" + (f" ÷ {row.reference}" if row.reference else "")
            ratio = f" = {row.ratio}" if row.ratio else ""
            lines.append(f"    {row.figure}: {values}{ratio}  {row.verdict}".rstrip())
        lines += [f"    {line}" for line in (*costs(each), *holdings(each))]
    return "\n".join(lines)


def tables(answers: Mapping[str, Mapping[str, Any]], before: str = "") -> str:
    """All answers as Markdown: first what must hold, then each question.

    Args:
        answers: What the runner recorded, by question.
        before: Earlier tables; of a question that is not in `answers` they are kept as they are.
    """
    must_hold, whole = _parts(before)
    for name, answer in answers.items():
        must_hold[name], whole[name] = list(_must_hold(name, answer)), _table(name, answer)
    head = ["| question | what | figure | here | must be |", "|---|---|---|---|---|"]
    of_all = [row for name in sorted(must_hold) for row in must_hold[name]]
    return "\n".join([*head, *of_all, "", *(whole[name] for name in sorted(whole))])


def write_tables(answers: Mapping[str, Mapping[str, Any]]) -> None:
    """Put the tables into the document, in the place of those of the same questions."""
    before, tables_there, after = re.split(
        f"({BEGIN}.*{END})", DOCUMENT.read_text(), flags=re.DOTALL
    )
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{tables(answers, tables_there)}\n{END}{after}")


def _parts(text: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The rows of what must hold, and the tables, of each question that `text` has."""
    must_hold: dict[str, list[str]] = {}
    for row, name in re.findall(r"^(\| `(\w+)` \|.*)$", text, re.MULTILINE):
        must_hold.setdefault(name, []).append(row)
    tables = re.findall(r"^### .*?(?=^### |^<!-- |\Z)", text, re.MULTILINE | re.DOTALL)
    names = [re.findall(r"^`(\w+)`, ", table, re.MULTILINE)[0] for table in tables]
    return must_hold, {
        name: f"{table.rstrip()}\n" for name, table in zip(names, tables, strict=True)
    }


def _must_hold(name: str, answer: Mapping[str, Any]) -> Iterator[str]:
    for each in answer["comparisons"]:
        for row in rows(each):
            if row.limit:
                value = f"{row.ratio} of it" if row.ratio else f"{row.subject}"
                cells = (f"`{name}`", _title(each), row.figure, value, row.verdict)
                yield f"| {' | '.join(cells)} |"


def _title(comparison: Mapping[str, Any]) -> str:
    reference = comparison["reference"]
    return f"{comparison['subject']} ÷ {reference}" if reference else str(comparison["subject"])


def _table(name: str, answer: Mapping[str, Any]) -> str:
    lines = [
        f"### {answer['asks']}",
        "",
        f"`{name}`, {answer['taken']}, {answer['machine']}, "
        f"{len(answer['comparisons'][0]['rounds'])} rounds of {answer['seconds']:g} s, "
        f"load by {answer['load']}",
        "",
        "| what | figure | here | reference | ratio | must be |",
        "|---|---|---|---|---|---|",
    ]
    for each in answer["comparisons"]:
        for row in rows(each):
            cells = (_title(each), row.figure, row.subject, row.reference, row.ratio, row.verdict)
            lines.append(f"| {' | '.join(str(cell or '') for cell in cells)} |")
    # Sides that several comparisons share are told of once.
    told = dict.fromkeys(line for each in answer["comparisons"] for line in costs(each))
    return "\n".join([*lines, "", *(f"- {line}" for line in told)]).rstrip() + "\n"
