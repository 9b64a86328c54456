"""What the API's document says, read once for clients in any language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

BASE = "/api/v1"
# A client says its language once, and keeps no answers.
OF_THE_TRANSPORT = {"Accept-Language", "If-None-Match"}
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Words:
    """How a language writes its types; `{}` stands for what is in an array or a record."""

    plain: Mapping[str, str]
    array: str
    record: str
    anything: str
    literals: str
    between_literals: str

    def of(self, schema: Schema) -> str:
        if "$ref" in schema:
            return str(schema["$ref"]).rpartition("/")[2]
        if "enum" in schema:
            values = self.between_literals.join(f'"{value}"' for value in schema["enum"])
            return self.literals.format(values)
        several = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")
        if several:
            return self._any_of(self.of(one) for one in several)
        match schema.get("type"):
            case None:
                return self.anything
            case list(kinds):
                return self._any_of(self.of({**schema, "type": kind}) for kind in kinds)
            case "array":
                return self.array.format(self.of(schema["items"]))
            case "object":
                return self.record.format(self.of(schema.get("additionalProperties") or {}))
            case kind:
                return self.plain[str(kind)]

    def _any_of(self, types: Iterator[str]) -> str:
        return " | ".join(dict.fromkeys(types))


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    schema: Schema
    is_required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str  # path, query or header
    schema: Schema
    is_required: bool

    @property
    def is_open(self) -> bool:
        """Stands for any number of parameters, named by its own keys."""
        return self.schema.get("type") == "object"


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Parameter, ...]
    body: Schema | None
    body_is_required: bool
    # The name of the only field of a form that carries a file.
    file: str
    answer: Schema | None
    answers_a_file: bool
    takes_bearer: bool

    def at(self, place: str) -> list[Parameter]:
        return [one for one in self.parameters if one.place == place]


def fields(schema: Schema) -> list[Field]:
    required = set(schema.get("required", ()))
    return [
        Field(name, about, name in required, str(about.get("description", "")))
        for name, about in schema["properties"].items()
    ]


def schemas(document: Schema) -> list[tuple[str, Schema]]:
    return sorted(document["components"]["schemas"].items())


def operations(document: Schema) -> list[Operation]:
    """All but those that speak of the document itself."""
    found = [
        _operation(path, method, told, document)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if method in METHODS and "documentation" not in told["tags"]
    ]
    return sorted(found, key=lambda operation: operation.name)


def _operation(path: str, method: str, told: Schema, document: Schema) -> Operation:
    request = told.get("requestBody", {})
    kind, body = _content(request)
    [answer] = (one for status, one in told["responses"].items() if status.startswith("2"))
    media, shape = _content(answer)
    return Operation(
        name=told["operationId"],
        method=method.upper(),
        path=path.removeprefix(BASE),
        summary=told["summary"],
        about=told["description"],
        parameters=tuple(_parameters(told)),
        body=body.get("schema"),
        body_is_required=request.get("required", False),
        file=_file_of(body["schema"], document) if kind.startswith("multipart/") else "",
        answer=shape.get("schema"),
        answers_a_file=media == "application/pdf",
        takes_bearer=any("bearer" in way for way in told.get("security", ())),
    )


def _content(told: Schema) -> tuple[str, Schema]:
    """Its first media type and what is said of it."""
    content: Schema = told.get("content", {})
    return next(iter(content.items()), ("", {}))


def _parameters(told: Schema) -> Iterator[Parameter]:
    """Those of the path in the order in which they stand there."""
    given = [one for one in told.get("parameters", ()) if one["name"] not in OF_THE_TRANSPORT]
    for one in given:
        schema = one["schema"]
        yield Parameter(one["name"], one["in"], schema, one.get("required", False))


def _file_of(schema: Schema, document: Schema) -> str:
    name = str(schema["$ref"]).rpartition("/")[2]
    [field] = document["components"]["schemas"][name]["properties"]
    return str(field)
