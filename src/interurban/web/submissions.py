"""Handing figures in and judging them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse

from interurban.errors import NotFound
from interurban.indicators.submissions import desk
from interurban.indicators.submissions.as_json import about_json, event_json, submission_json
from interurban.indicators.submissions.mapping import MAX_BYTES, with_encoding
from interurban.indicators.submissions.side_by_side import side_by_side
from interurban.locales import message
from interurban.model.submission import SubmissionState
from interurban.store.node import Node
from interurban.web.access import REFUSALS, Administrator, Reporter, Reviewer, Seer
from interurban.web.open_node import OpenNode, RowNumber

routes = APIRouter(tags=["submissions"], responses=REFUSALS)

_PAGE = 100
ENCODINGS = {"windows-1251": "Windows-1251", "gb18030": "GB 18030, GBK, GB 2312", "utf-16": "UTF-16", "windows-1252": "Windows-1252"}
"""Encodings in which spreadsheets of our languages save text, beside UTF-8, with their names."""
Encoding = Annotated[
    Literal["", "windows-1251", "gb18030", "utf-16", "windows-1252"], Form(description="Of a text file, where it is not UTF-8."),
]
_Comment = Annotated[str | None, Form(max_length=5000, description="What explains the warnings of the whole file.")]


class Said(BaseModel):
    """A comment that goes with a step."""

    model_config = ConfigDict(extra="forbid")
    comment: str | None = Field(default=None, max_length=5000)


@routes.post("/submissions", status_code=201)
def submit(
    response: Response, node: OpenNode, account: Reporter,
    file: Annotated[UploadFile, File(description="Questionnaire (.xlsx), SDMX-CSV, or a table (.csv, .xlsx).")],
    mapping: Annotated[UploadFile | None, File(description="TOML: which column of a table is what.")] = None,
    evidence: Annotated[list[UploadFile] | None, File(description="Files that prove figures, by the names the figures give.")] = None,
    city: Annotated[str | None, Form(max_length=64, description="City, where the file does not say.")] = None,
    comment: _Comment = None,
    encoding: Encoding = "",
    replaces: Annotated[int | None, Form(description="Submission that this one takes the place of as a whole.")] = None,
) -> dict[str, Any]:
    """Hand in a file of figures. It is kept whatever it holds; the answer says what became of it and lists everything found in it."""
    proofs = {each.filename or "": each.file for each in evidence or ()}
    handed = desk.Handed(file.file, file.filename or "", city, how_to_read(mapping, encoding), comment, replaces, proofs)
    made = desk.submit(node, handed, account)
    response.headers["Location"] = f"/submissions/{made.id}"
    return submission_json(made)


def how_to_read(mapping: UploadFile | None, encoding: str) -> bytes | None:
    """The mapping that came with a table, with the encoding that was chosen beside it; None where neither was given."""
    contents = mapping.file.read(MAX_BYTES + 1) if mapping is not None and mapping.filename else None
    return with_encoding(contents, encoding) if encoding else contents


@routes.get("/submissions")
def submissions(
    node: OpenNode, account: Seer,
    state: Annotated[list[SubmissionState] | None, Query(description="Only those in these states.")] = None,
    city: Annotated[str | None, Query(max_length=64, description="Only those of this city.")] = None,
    after: Annotated[int, Query(ge=0, description="Only those with a higher number: the last of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = _PAGE,
) -> list[dict[str, Any]]:
    """Submissions that one may see, by number, without their values."""
    return [about_json(each) for each in desk.listed(node, account, state, city, after, limit)]


@routes.get("/submissions/{submission_id}")
def submission(node: OpenNode, account: Seer, submission_id: RowNumber) -> dict[str, Any]:
    """A submission with its findings, and its values beside what is known of the same time and of the time before."""
    found = desk.seen(node, submission_id, account)
    return {**submission_json(found), "compared": [each.row() for each in side_by_side(node, found)]}


@routes.get("/submissions/{submission_id}/events")
def events(node: OpenNode, account: Seer, submission_id: RowNumber) -> list[dict[str, Any]]:
    """What was done with a submission, by whom and when."""
    desk.seen(node, submission_id, account)
    return [event_json(each) for each in node.catalogue.list_events(submission_id)]


@routes.get("/submissions/{submission_id}/file", response_class=FileResponse)
def submitted_file(node: OpenNode, account: Seer, submission_id: RowNumber) -> FileResponse:
    """The very bytes that were handed in, to be saved and not shown: they come from outside."""
    found = desk.seen(node, submission_id, account)
    return _to_save(node, found.file_name, found.sha256)


@routes.get("/submissions/{submission_id}/evidence/{name}", response_class=FileResponse)
def evidence(node: OpenNode, account: Seer, submission_id: RowNumber, name: str) -> FileResponse:
    """A file that came with a submission to prove figures, to be saved and not shown."""
    attached = {each.name: each.sha256 for each in desk.seen(node, submission_id, account).evidence}
    if name not in attached:
        raise NotFound(message("submissions.no_evidence", name=name, submission=submission_id), name=name)
    return _to_save(node, name, attached[name])


@routes.post("/submissions/{submission_id}/comment")
def comment(node: OpenNode, account: Seer, submission_id: RowNumber, said: Said) -> dict[str, Any]:
    """Put a comment on record; from the city it explains the warnings of a submission that waits for one."""
    return about_json(desk.comment(node, submission_id, account, said.comment))


@routes.post("/submissions/{submission_id}/take")
def take(node: OpenNode, account: Reviewer, submission_id: RowNumber) -> dict[str, Any]:
    """Take a validated submission for review."""
    return about_json(desk.take(node, submission_id, account))


@routes.post("/submissions/{submission_id}/accept")
def accept(node: OpenNode, account: Reviewer, submission_id: RowNumber, said: Said | None = None) -> dict[str, Any]:
    """Accept a submission that somebody else handed in."""
    return about_json(desk.accept(node, submission_id, account, said.comment if said else None))


@routes.post("/submissions/{submission_id}/return")
def return_(node: OpenNode, account: Reviewer, submission_id: RowNumber, said: Said) -> dict[str, Any]:
    """Give a submission back, saying why."""
    return about_json(desk.return_(node, submission_id, account, said.comment))


@routes.post("/submissions/{submission_id}/publish")
def publish(node: OpenNode, account: Reviewer, submission_id: RowNumber, said: Said | None = None) -> dict[str, Any]:
    """Make an accepted submission's values observations, all or none."""
    done, ids = desk.publish(node, submission_id, account, said.comment if said else None)
    return {**about_json(done), "observations": ids}


@routes.get("/questionnaires/{city}", response_class=Response)
def questionnaire(
    node: OpenNode, account: Reporter, city: str,
    year: Annotated[int | None, Query(ge=1900, le=9998, description="Year asked for; by default the last one.")] = None,
    language: Annotated[str | None, Query(pattern="^(en|ru|zh)$", description="Language; by default that of the city's country.")] = None,
) -> Response:
    """The questionnaire of a city as an Excel workbook, with the values known before."""
    name, contents = desk.questionnaire(node, city, account, year, language)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(contents, media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers=headers)


@routes.get("/audit")
def audit(node: OpenNode, _: Administrator) -> dict[str, Any]:
    """Check the audit trail from its first entry to its last."""
    report = node.catalogue.check_audit()
    return {"entries": report.entries, "head": report.head, "faults": [{"code": code, "number": number} for code, number in report.faults]}


def _to_save(node: Node, name: str, sha256: str) -> FileResponse:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return FileResponse(node.archive.path(sha256), media_type="application/octet-stream", headers=headers)
