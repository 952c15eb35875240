"""What a reporter and a reviewer do at random at one desk, for the tests that run several of them at once and kill them."""

from __future__ import annotations

import io
import random
from pathlib import Path

from interurban.errors import NotAllowed, UsageError
from interurban.indicators.submissions import desk
from interurban.model import City
from interurban.model.account import Account, Role
from interurban.model.submission import Submission, SubmissionAction, SubmissionState
from interurban.store.node import Node, open_node

INDICATORS = {"population": 150_000, "area_km2": 84, "buses": 300, "cars_registered": 60_000}
STEPS = ("submit", "submit", "review", "review", "review", "review", "review", "return", "comment", "replace")
UNDER_WAY = (SubmissionState.VALIDATED, SubmissionState.UNDER_REVIEW, SubmissionState.ACCEPTED)


_newest = [0]  # the highest number that this process has seen: steps are about the last ones


def make_accounts(node: Node, writers: int) -> None:
    node.catalogue.add_city(City("newport", "Newport", "GB", "Europe/London"))
    for number in range(writers):
        node.catalogue.add_account(f"writer{number}", Role.ADMINISTRATOR)


def work(folder: str, number: int, seed: int, steps: int) -> None:
    """Do `steps` random steps as the writer `number`, and write each down, once it is done, in a file beside the node."""
    choice = random.Random(seed)
    log = Path(folder).with_name(f"done-{number}-{seed}.txt")
    with open_node(folder) as node, log.open("a") as done:
        me = node.catalogue.get_account(f"writer{number}")
        for step in range(steps):
            try:
                for submission_id, action in act(node, me, choice, f"{seed}-{step}"):
                    done.write(f"{submission_id} {action} {me.name}\n")
                    done.flush()
            except (UsageError, NotAllowed):
                continue  # somebody else was first, or it was my own: as it should be


def act(node: Node, me: Account, choice: random.Random, mark: str) -> list[tuple[int, str]]:
    known = node.catalogue.list_submissions(after=max(0, _newest[0] - 30))
    _newest[0] = known[-1].id if known else 0
    some = choice.choice(known[-12:]) if known else None
    match choice.choice(STEPS) if some else "submit":
        case "submit":
            return submitted(node, me, choice, mark, None)
        case "replace":
            return submitted(node, me, choice, mark, some.id)
        case "return":
            desk.return_(node, some.id, me, "look again")
            return [(some.id, SubmissionAction.RETURN)]
        case "comment":
            desk.comment(node, some.id, me, f"comment {mark}")
            return []
    waiting = [each for each in known if each.state in UNDER_WAY]
    return reviewed(node, choice.choice(waiting or [some]), me)


def reviewed(node: Node, some: Submission, me: Account) -> list[tuple[int, str]]:
    """The next step of a submission."""
    if some.state is SubmissionState.ACCEPTED:
        desk.publish(node, some.id, me)
        return [(some.id, SubmissionAction.PUBLISH)]
    desk.accept(node, some.id, me)
    return [(some.id, SubmissionAction.ACCEPT)]


def submitted(node: Node, me: Account, choice: random.Random, mark: str, replaces: int | None) -> list[tuple[int, str]]:
    told = choice.sample(sorted(INDICATORS), choice.randint(1, len(INDICATORS)))
    rows = [f"newport,{code},{choice.randint(2019, 2021)},{INDICATORS[code] * choice.uniform(0.9, 1.1):.3f},{mark}" for code in told]
    if choice.random() < 0.1:
        rows.append("newport,nonsense,2020,1,")
    text = "\n".join(["city,indicator,time,value,comment", *rows]) + "\n"
    made = desk.submit(node, desk.Handed(io.BytesIO(text.encode()), "f.csv", "newport", replaces=replaces), me)
    return [(made.id, SubmissionAction.RECEIVE)]


def check_desk(node: Node, logs: list[Path]) -> dict[str, int]:
    """What must hold at any moment, whatever was going on and whoever was killed; counts of what there is."""
    report = node.catalogue.check_audit()
    assert report.faults == ()
    events = node.catalogue.list_events()
    trail = {f"{event.submission_id} {event.action} {event.actor}" for event in events}
    done = {line for log in logs for line in log.read_text().splitlines()}
    assert done <= trail  # nothing that was done is lost
    assert all(submission.sha256 in node.archive for submission in node.catalogue.list_submissions())
    recorded = [record for record in node.observations(history=True) if record.observation.origin == "reported"]
    told = [identifier for event in events if event.action is SubmissionAction.PUBLISH for identifier in event.details["observations"]]
    assert len(told) == len(set(told)) and set(told) == {record.id for record in recorded}  # all of a submission, or nothing
    published = {event.submission_id for event in events if event.action is SubmissionAction.PUBLISH}
    assert {record.observation.submission_id for record in recorded} <= published
    revisions: dict[str, list[int]] = {}
    for record in recorded:
        revisions.setdefault(record.observation.identity(), []).append(record.revision)
    assert all(sorted(each) == list(range(len(each))) for each in revisions.values())
    submissions = len(node.catalogue.list_submissions())
    return {"submissions": submissions, "entries": len(events), "published": len(published), "observations": len(told)}
