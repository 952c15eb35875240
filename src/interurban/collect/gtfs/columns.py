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
            # H:MM:SS to HHH:MM:SS. The interval cast reads far more forms, so the places of the colons are held first.
            shape = f"{text}[-3] = ':' AND {text}[-6] = ':' AND length({text}) BETWEEN 7 AND 9 AND {text}[1] BETWEEN '0' AND '9'"
            return f"CASE WHEN {shape} THEN CAST(epoch(TRY_CAST({text} AS INTERVAL)) AS INTEGER) END"
        case Kind.DATE:
            return f"CASE WHEN regexp_full_match({text}, '[0-9]{{8}}') THEN CAST(try_strptime({text}, '%Y%m%d') AS DATE) END"
        case Kind.INTEGER:
            limit = f" AND TRY_CAST({text} AS INTEGER) >= {field.minimum:.0f}" if field.minimum is not None else ""
            return f"CASE WHEN regexp_full_match({text}, '{WHOLE_NUMBER}'){limit} THEN TRY_CAST({text} AS INTEGER) END"
        case Kind.ENUM:
            pairs = " ".join(f"WHEN '{value}' THEN {value}" for value in field.allowed)
            number = f"CASE WHEN regexp_full_match({text}, '{WHOLE_NUMBER}') THEN TRY_CAST({text} AS INTEGER) END"
            allowed = ", ".join(str(value) for value in field.allowed)
            return f"CAST(CASE {text} {pairs} ELSE CASE WHEN ({number}) IN ({allowed}) THEN ({number}) END END AS TINYINT)"
        case Kind.LATITUDE | Kind.LONGITUDE:
            limit = 90 if field.kind is Kind.LATITUDE else 180
            return f"CASE WHEN abs(TRY_CAST({text} AS DOUBLE)) <= {limit} THEN TRY_CAST({text} AS DOUBLE) END"
        case Kind.FLOAT:
            number = f"TRY_CAST({text} AS DOUBLE)"
            limit = f" AND {number} >= {field.minimum}" if field.minimum is not None else ""
            return f"CASE WHEN isfinite({number}){limit} THEN {number} END"
        case _:
            return text


def is_fatal(field: Field) -> bool:
    """Whether a row whose value of this field is missing or malformed is set aside."""
    return field.required or field.kind in _STRUCTURAL_KINDS


def reason(field: Field, text: str) -> str:
    """SQL giving the notice code of a value that could not be typed (assumes that it could not)."""
    malformed = {
        Kind.TIME: "malformed_time",
        Kind.DATE: "malformed_date",
        Kind.ENUM: "value_not_allowed",
        Kind.LATITUDE: "malformed_coordinate",
        Kind.LONGITUDE: "malformed_coordinate",
    }.get(field.kind, "malformed_number")
    code = f"'{malformed}'"
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
        return f"≥ {field.minimum:g}"
    return ALLOWED.get(field.kind)
