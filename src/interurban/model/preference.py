"""Which of several observations of one thing is the answer to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

FULL_COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the choice between observations of one key depends on: the newest revision of each identity stands as a candidate.

    `number` is the place in the order of recording; `speaker` who states it; `feed_place` the place of the newest feed version read
    in the order in which versions were last seen at their publishers (-1: none was read).
    """

    number: int
    speaker: str
    has_value: bool
    confidence: str
    coverage: float | None
    definition_version: int
    feed_place: int = -1


def preferred(candidates: Iterable[Candidate], chosen_speakers: Collection[str] = ()) -> Candidate:
    """The candidate that answers.

    Each speaker has one voice, its latest word: by its newest definition, of that from the newest feed, of that the one recorded last.
    Of the voices: one with a value before one without; one that an administrator chose; then measured by us on 95 % or more of the
    whole, official, self-reported, measured by us on less, estimated; then the newest definition; then the one recorded last.

    Args:
        candidates: At least one.
        chosen_speakers: Speakers whom an administrator prefers for this city and indicator.
    """
    voices: dict[str, Candidate] = {}
    for each in candidates:
        voice = voices.get(each.speaker)
        if voice is None or _age(voice) < _age(each):
            voices[each.speaker] = each
    return max(voices.values(), key=lambda c: (c.has_value, c.speaker in chosen_speakers, -trust(c), c.definition_version, c.number))


def trust(candidate: Candidate) -> int:
    """Place of a candidate's confidence: 0 is trusted most."""
    if candidate.confidence == "A":
        return 0 if candidate.coverage is None or candidate.coverage >= FULL_COVERAGE else 3
    return {"B": 1, "C": 2}.get(candidate.confidence, 4)


def _age(candidate: Candidate) -> tuple[int, int, int]:
    return candidate.definition_version, candidate.feed_place, candidate.number
