"""A node with a city that hands figures in, and files as cities send them."""

from __future__ import annotations

import io
from pathlib import Path

from interurban.indicators.submissions import desk
from interurban.indicators.submissions.desk import Handed
from interurban.model import City
from interurban.model.account import Account, Role
from interurban.model.submission import Submission
from interurban.store.node import Node

NEWPORT = City("newport", "Newport", "GB", "Europe/London", name_ru="Ньюпорт", name_zh="纽波特")
OLDPORT = City("oldport", "Oldport", "GB", "Europe/London")
RITA = Account("rita", Role.REPORTER, ("newport",), 1)
OTTO = Account("otto", Role.REPORTER, ("oldport",), 2)
OLGA = Account("olga", Role.REVIEWER, (), 3)
VERA = Account("vera", Role.VIEWER, ("newport",), 4)


def hand_in(node: Node, text: str | bytes | Path, account: Account = RITA, name: str = "figures.csv", **more) -> Submission:
    file = text if isinstance(text, Path) else io.BytesIO(text.encode() if isinstance(text, str) else text)
    return desk.submit(node, Handed(file, name, **more), account)


def table(*rows: str, titles: str = "indicator,time,value,unit,comment") -> str:
    return "\n".join(["city," + titles, *("newport," + row for row in rows)]) + "\n"


def publish(node: Node, submission: Submission) -> list[str]:
    desk.accept(node, submission.id, OLGA)
    return desk.publish(node, submission.id, OLGA)[1]


def codes(submission: Submission) -> list[str]:
    return [finding.code for finding in submission.findings]
