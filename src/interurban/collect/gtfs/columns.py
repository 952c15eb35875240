"""SQL that turns the text of a GTFS field into its type, and says when it cannot."""

from __future__ import annotations

from interurban.collect.gtfs.schema import Field, Kind

SQL_TYPES = {
    Kind.INTEGER: "INTEGER",
    Kind.ENUM: "TINYINT",
    Kind.FLOAT: "DOUBLE",
    Kind.LATITUDE: "DOUBLE",
    Kind.LONGITUDE: "DOUBLE",
    Kind.DATE: "DATE",
    Kind.TIME: "INTEGER",
}

# Programs that keep missing numbers as floats write 1 as 1.0; it is the same number.
WHOLE_NUMBER = "[+-]?[0-9]+([.]0*)?"

MAX_INTEGER = (1 << 31) - 1  # GTFS sets no limit; no column of millions of rows is made wider for what no feed needs

# Faults of these fields take the row with them; in any other optional field only the value is lost, and is reported.
_STRUCTURAL_KINDS = (Kind.TIME,)


def quoted(name: str) -> str:
    """An SQL identifier; column names come from feeds and are hostile."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """An SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def sql_type(kind: Kind) -> str:
    """The column type of a kind; text for everything that is not a number, date or time."""
    return SQL_TYPES.get(kind, "VARCHAR")


def text_of(name: str, *, trimmed: bool) -> str:
    """The field's text, NULL when blank."""
    return f"nullif(trim({quoted(name)}, ' \t'), '')" if trimmed else f"nullif({quoted(name)}, '')"


def typed(field: Field, text: str) -> str:
    """The value of `text` as the field's type; NULL when it is blank or malformed or not allowed."""
    match field.kind:
        case Kind.TIME:
            # The interval cast is fast but reads far more forms than the reference allows.
            form = f"regexp_full_match({text}, '[0-9]{{1,3}}:[0-5][0-9]:[0-5][0-9]')"
            value = f"CAST(epoch(TRY_CAST({text} AS INTERVAL)) AS INTEGER)"
        case Kind.DATE:
            # There is no year 0; the database would take it for 1 BC, which nothing else can read.
            form = f"regexp_full_match({text}, '[0-9]{{8}}') AND {text} >= '0001'"
            value = f"CAST(try_strptime({text}, '%Y%m%d') AS DATE)"
        case Kind.INTEGER:
            form = f"regexp_full_match({text}, '{WHOLE_NUMBER}')"
            value = f"TRY_CAST({text} AS INTEGER)"
        case Kind.ENUM:
            return _one_of(field.allowed, text)
        case Kind.LATITUDE | Kind.LONGITUDE:
            form = f"abs(TRY_CAST({text} AS DOUBLE)) <= {90 if field.kind is Kind.LATITUDE else 180}"
            value = f"TRY_CAST({text} AS DOUBLE)"
        case Kind.FLOAT:
            form = f"isfinite(TRY_CAST({text} AS DOUBLE))"
            value = f"TRY_CAST({text} AS DOUBLE)"
        case _:
            return text
    limit = f" AND {value} >= {field.minimum:g}" if field.minimum is not None else ""
    return f"CASE WHEN {form}{limit} THEN {value} END"


def placed(field: Field, lat_text: str, lon_text: str) -> str:
    """`typed` of a latitude, NULL too within a degree of latitude 0, longitude 0: open sea, where programs put what has no place."""
    elsewhere = " OR ".join(f"abs(TRY_CAST({text} AS DOUBLE)) >= 1" for text in (lat_text, lon_text))
    return f"CASE WHEN {elsewhere} OR TRY_CAST({lon_text} AS DOUBLE) IS NULL THEN {typed(field, lat_text)} END"


def _one_of(allowed: tuple[int, ...], text: str) -> str:
    """The number, if it is an allowed one; the usual spelling is looked for first because it is by far the cheapest."""
    pairs = " ".join(f"WHEN '{value}' THEN {value}" for value in allowed)
    number = f"CASE WHEN regexp_full_match({text}, '{WHOLE_NUMBER}') THEN TRY_CAST({text} AS INTEGER) END"
    others = f"CASE WHEN {number} IN ({', '.join(map(str, allowed))}) THEN {number} END"
    return f"CAST(CASE {text} {pairs} ELSE {others} END AS TINYINT)"


def is_fatal(field: Field) -> bool:
    """Whether a row whose value of this field is missing or malformed is set aside."""
    return field.required or field.kind in _STRUCTURAL_KINDS


def reason(field: Field, text: str) -> str:
    """SQL giving the notice code of a value that could not be typed (assumes that it could not)."""
    malformed = {
        Kind.TIME: "malformed_time",
        Kind.DATE: "malformed_date",
        Kind.ENUM: "value_not_allowed",
        Kind.LONGITUDE: "malformed_coordinate",
    }.get(field.kind, "malformed_number")
    code = f"'{malformed}'"
    if field.kind is Kind.LATITUDE:
        code = f"CASE WHEN ({typed(field, text)}) IS NULL THEN 'malformed_coordinate' ELSE 'place_at_zero' END"
    if field.kind is Kind.INTEGER:
        code = f"CASE WHEN regexp_full_match({text}, '{WHOLE_NUMBER}') THEN 'number_too_large' ELSE {code} END"
    if field.minimum is not None:
        code = f"CASE WHEN TRY_CAST({text} AS DOUBLE) < {field.minimum} THEN 'number_out_of_range' ELSE {code} END"
    return f"CASE WHEN {text} IS NULL THEN 'missing_required_value' ELSE {code} END"


ALLOWED = {
    Kind.TIME: "H:MM:SS",
    Kind.DATE: "YYYYMMDD",
    Kind.LATITUDE: "-90…90",
    Kind.LONGITUDE: "-180…180",
    Kind.INTEGER: "0, 1, 2 …",
    Kind.FLOAT: "0.0 …",
}


def allowed_text(field: Field) -> str | None:
    """What would be right in this field, in signs that every language reads."""
    if field.kind is Kind.ENUM:
        return ", ".join(str(v) for v in field.allowed)
    if field.minimum is not None:
        return f"{field.minimum:g}…{MAX_INTEGER}" if field.kind is Kind.INTEGER else f"≥ {field.minimum:g}"
    return ALLOWED.get(field.kind)
