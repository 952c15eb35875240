"""Taking over what another server has: another node, or a foreign SDMX service whose codes a file explains.

Only what has changed since the last time is asked for. The answer is fetched whole, by the rules that hold for every download, then read
row by row; rows that are wrong are set aside and told, the others are recorded in one step together with how far the server's changes
have been followed. A run that is cut short has recorded nothing, or everything.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from interurban.collect.fetch import FetchPolicy, FetchRequest, FetchResult, Outcome, fetch, utc_now
from interurban.errors import DataError, FetchError, UsageError
from interurban.exchange.sdmx.data_csv import flow_reference, read_csv
from interurban.exchange.sdmx.data_json import read_json
from interurban.exchange.sdmx.imported import Faulty, Importer, last_update
from interurban.exchange.sdmx.mapping import FlowMapping
from interurban.exchange.sdmx.read_xml import read_xml
from interurban.locales import message
from interurban.model import Observation
from interurban.model.observation import CONFIDENCE_CLASSES
from interurban.store.harvests import Harvest

if TYPE_CHECKING:
    from interurban.store.node import Node

ACCEPT = (
    "application/vnd.sdmx.data+csv;version=2.0.0, application/vnd.sdmx.genericdata+xml;version=2.1;q=0.8, "
    "application/vnd.sdmx.structurespecificdata+xml;version=2.1;q=0.7, application/vnd.sdmx.data+json;version=2.0.0;q=0.5, text/csv;q=0.4"
)
_NOTHING_NEW = (204, 304)
_NOT_FOUND = 404
_MOST_BYTES = 1 << 30
_MOST_JSON_BYTES = 64 << 20  # read whole
_MOST_FAULTS_TOLD = 1000
_OVERLAP = dt.timedelta(hours=1)  # asked for again where the server's clock is not known


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was set aside: its number in the answer, the component, what stood there, why it cannot be taken, what could."""

    row: int
    component: str
    value: str
    reason: str
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a run came to. `since` is what was asked for (None: everything); `faults` are the first of those set aside."""

    address: str
    dataflow: str
    since: dt.datetime | None
    rows: int = 0
    recorded: int = 0
    withdrawn: int = 0
    set_aside: int = 0
    faults: tuple[RowFault, ...] = ()


def sync_sdmx(
    node: Node, address: str, mapping: FlowMapping | None = None, *, confidence: str = "C", everything: bool = False,
    now: Callable[[], dt.datetime] = utc_now,
) -> SyncOutcome:
    """Take over what has changed in a dataflow of the SDMX service at `address` (such as https://data.city.example/sdmx/v2).

    `confidence` is the class of its values: how sure we are of what that server states. `everything` asks for all of it again.

    Raises:
        UsageError: the confidence is no class, or the dataflow is not written as AGENCY:ID(VERSION).
        FetchError: the server gives no usable answer.
        DataError: the answer is no SDMX data, or is hostile.
    """
    mapping = mapping or FlowMapping()
    address = address.rstrip("/")
    if confidence not in CONFIDENCE_CLASSES:
        raise UsageError(message("sync.no_confidence", text=confidence, allowed=", ".join(CONFIDENCE_CLASSES)))
    began_at = now()
    past = node.catalogue.list_harvests(address, mapping.dataflow)
    since = past[-1].updated_after if past and not everything else None
    importer = Importer(address, frozenset(city.id for city in node.catalogue.list_cities()), confidence, mapping)
    with tempfile.TemporaryDirectory(prefix="interurban-sdmx-") as folder:
        target = Path(folder) / "answer"
        result = fetch(FetchRequest(_url(address, mapping, since), accept=ACCEPT), target, policy=_policy(node))
        outcome = SyncOutcome(address, mapping.dataflow, since)
        harvest = Harvest(address, mapping.dataflow, began_at, since, sha256=result.sha256)
        if not _is_new(result, since):
            node.catalogue.record_harvest(harvest, [])
            return outcome
        read = _Read(importer, began_at, node.settings.max_answer_observations)
        read.take(rows_of(target))
    harvest = replace(harvest, set_aside=read.set_aside)
    if read.stated or read.withdrawn:  # else all of it is asked for again: the cities may be known here by then
        known_until = read.newest or began_at - _OVERLAP
        harvest = replace(harvest, updated_after=max(known_until, since) if since else known_until)
    recorded = node.catalogue.record_harvest(harvest, list(read.stated.values()), list(read.withdrawn.values()))
    return replace(
        outcome, rows=read.rows, recorded=recorded, withdrawn=len(read.withdrawn), set_aside=read.set_aside, faults=tuple(read.faults)
    )


def rows_of(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a file in whatever form of SDMX data it is, told by how it begins.

    Raises:
        DataError: it is none.
    """
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        yield from enumerate(read_xml(_pieces(path)), 1)
    elif start.startswith(b"{"):
        if path.stat().st_size > _MOST_JSON_BYTES:
            raise DataError(message("sync.json_too_large", most=_MOST_JSON_BYTES), allowed="CSV, XML")
        for number, row in enumerate(read_json(path.read_bytes()), 1):
            yield number, {name: "" if value is None else str(value) for name, value in row.items()}
    else:
        try:
            with path.open(encoding="utf-8-sig", newline="") as text:
                yield from read_csv(text)
        except UnicodeDecodeError as wrong:
            raise DataError(message("sdmx.not_sdmx_csv"), allowed="UTF-8") from wrong


class _Read:
    """Rows read so far: what they state, what they take back, what was set aside."""

    def __init__(self, importer: Importer, began_at: dt.datetime, most: int) -> None:
        self._importer = importer
        self._began_at = began_at
        self._most = most
        self.rows = 0
        self.set_aside = 0
        self.faults: list[RowFault] = []
        self.stated: dict[str, Observation] = {}
        self.withdrawn: dict[str, Observation] = {}
        self.newest: dt.datetime | None = None

    def take(self, rows: Iterator[tuple[int, Mapping[str, str]]]) -> None:
        """Read all rows."""
        for number, row in rows:
            self.rows += 1
            if self.rows > self._most:
                raise DataError(message("sync.too_many_rows", most=self._most), allowed=self._most)
            try:
                self._take_row(row)
            except Faulty as fault:
                self.set_aside += 1
                if len(self.faults) < _MOST_FAULTS_TOLD:
                    self.faults.append(RowFault(number, fault.component, fault.value, fault.reason, fault.allowed))

    def _take_row(self, row: Mapping[str, str]) -> None:
        if "" in row:
            raise Faulty("", row[""], "wrong_width")
        flow = flow_reference(row["STRUCTURE_ID"]) if "STRUCTURE_ID" in row else None
        wanted = flow_reference(self._importer.mapping.dataflow)
        if flow is not None and wanted is not None and (flow.agency, flow.id) != (wanted.agency, wanted.id):
            raise Faulty("STRUCTURE_ID", row["STRUCTURE_ID"], "other_flow", self._importer.mapping.dataflow)
        updated = last_update(row, self._began_at)
        if updated is not None:
            self.newest = max(updated, self.newest or updated)
        observation, is_withdrawn = self._importer.observation(row)
        identity = observation.identity()
        if identity in self.stated or identity in self.withdrawn:
            raise Faulty("TIME_PERIOD", row.get("TIME_PERIOD", ""), "said_twice")
        (self.withdrawn if is_withdrawn else self.stated)[identity] = observation


def _url(address: str, mapping: FlowMapping, since: dt.datetime | None) -> str:
    path = mapping.path
    if not path:
        flow = flow_reference(mapping.dataflow)
        if flow is None:
            raise UsageError(message("sync.no_dataflow", text=mapping.dataflow), allowed="AGENCY:ID(VERSION)")
        path = "/".join(quote(part, safe="") for part in ("data", "dataflow", flow.agency, flow.id, flow.version))
    asked = f"updatedAfter={quote(since.strftime('%Y-%m-%dT%H:%M:%S.%fZ'))}" if since else ""
    separator = "&" if "?" in path else "?"
    return f"{address}/{path.lstrip('/')}{separator if asked else ''}{asked}"


def _is_new(result: FetchResult, since: dt.datetime | None) -> bool:
    """Whether there is an answer to read; not where the server says that nothing has changed.

    Servers of SDMX-REST 1.x say "no results" by 404. That is believed of changes since an answer that the address has given, not of an
    address that never gave any.

    Raises:
        FetchError: it gave no usable answer.
    """
    if result.outcome is Outcome.FETCHED:
        return True
    last = result.attempts[-1]
    if last.status in _NOTHING_NEW or (last.status == _NOT_FOUND and since is not None):
        return False
    why = message(last.message_key or "fetch.connection_failed", None, **last.fields)
    told = message("sync.no_answer", address=result.final_url, reason=why) if result.final_url else why
    raise FetchError(told, status=last.status)


def _policy(node: Node) -> FetchPolicy:
    s = node.settings
    return FetchPolicy(
        max_bytes=min(s.max_download_bytes, _MOST_BYTES), total_limit_s=s.fetch_limit_s, read_limit_s=s.read_limit_s, retries=s.retries,
        max_redirects=s.max_redirects, allowed_networks=s.allowed_networks(),
    )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece
