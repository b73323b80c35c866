"""The table of a replay: steps by endpoint that match, that differ for a known reason, and that differ without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from notionsync.emulator.replay.conversation import Step, replay
from notionsync.emulator.replay.reasons import reason
from notionsync.emulator.replay.recording import read
from notionsync.emulator.replay.schemas import Schemas


@dataclass(slots=True)
class Report:
    """What a replay of recordings showed.

    Attributes:
        matching: Endpoint → steps answered like the real service.
        explained: Endpoint → steps that differ for a reason in the list.
        unexplained: Endpoint → steps that differ without one.
        left_out: Endpoint → steps at endpoints that are not emulated, and those at which the service was in trouble.
        reasons: Reason → steps it explains.
        findings: The unexplained differences, a line each.
        unreadable: Recordings that could not be replayed to their end; each is a finding.
        answers: Answers checked against the official types.
        invalid: Those that do not fit, a line each.
    """

    matching: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)
    answers: int = 0
    invalid: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The part of the steps at emulated endpoints that match."""
        matching = self.matching.total()
        return matching / max(1, matching + self.explained.total() + self.unexplained.total())

    def lines(self) -> Iterator[str]:
        """The table, for people."""
        yield f"{'endpoint':44} {'match':>6} {'reason':>6} {'differ':>6} {'left out':>8}"
        counters = (self.matching, self.explained, self.unexplained, self.left_out)
        for endpoint in sorted({*self.matching, *self.explained, *self.unexplained, *self.left_out}):
            match, known, unknown, out = (counter[endpoint] for counter in counters)
            yield f"{endpoint:44} {match:6} {known:6} {unknown:6} {out:8}"
        match, known, unknown, out = (counter.total() for counter in counters)
        yield f"{'all':44} {match:6} {known:6} {unknown:6} {out:8}"
        yield ""
        yield f"{self.share:.1%} of the steps at emulated endpoints match."
        for text, count in self.reasons.most_common():
            yield f"{count:4}  {text}"
        yield from self.findings
        yield f"{self.answers} answers checked against the official types, {len(self.invalid)} do not fit."
        yield from self.invalid


def report(recordings: Iterable[Path], schemas: Schemas | None = None) -> Report:
    """Replay recordings; one in a shape that nobody foresaw is a finding, and the others are replayed all the same."""
    result = Report()
    for path in recordings:
        exchanges = read(path)
        done = 0
        try:
            for step in replay(exchanges):
                _count(result, path, step, schemas)
                done += 1
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            result.unreadable.append(path)
            result.findings.append(f"{path.stem} {done}: cannot be replayed from here: {error!r}")
            result.unexplained.update(exchange.endpoint for exchange in exchanges[done:])
    return result


def _count(result: Report, path: Path, step: Step, schemas: Schemas | None) -> None:
    endpoint = step.exchange.endpoint
    if not step.emulated or step.exchange.troubled:
        result.left_out[endpoint] += 1
        return
    if schemas is not None and step.status == 200:
        result.answers += 1
        problem = schemas.answer(endpoint, step.exchange.version, step.answer)
        if problem is not None:
            result.invalid.append(f"{path.stem} {step.exchange.index}: {problem}")
    if step.matches:
        result.matching[endpoint] += 1
        return
    text = reason(path.stem, endpoint, step.differences)
    if text is None:
        result.unexplained[endpoint] += 1
        result.findings.append(f"{path.stem} {step.exchange.index} {endpoint}: {step.differences[0]}")
    else:
        result.explained[endpoint] += 1
        result.reasons[text] += 1
