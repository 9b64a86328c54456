"""The OpenAPI document taken apart for a page that people read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

Json = dict[str, Any]
REFERENCE = "#/components/schemas/"
# How programs keep a number, and what the largest column takes: no news to a person.
NUMBERS = {"int32", "int64", "double"}
HIGHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Field:
    """`link` names the component that the type is made of, if any."""

    name: str
    type: str
    link: str
    is_required: bool
    description: SafeString
    place: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    description: SafeString
    headers: list[str]
    link: str


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    method: str
    path: str
    summary: str
    description: SafeString
    parameters: list[Field]
    body: str
    examples: list[Example]
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    operations: list[Operation]


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    description: SafeString
    fields: list[Field]
    values: list[str]


def sections(document: Json) -> list[Section]:
    """The operations by their tag, in the order in which the document has them."""
    by_tag: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation["tags"][0]
            by_tag.setdefault(tag, []).append(_operation(path, method, operation))
    return [Section(capfirst(tag), operations) for tag, operations in by_tag.items()]


def components(document: Json) -> list[Component]:
    return [
        Component(
            name=name,
            description=marked(schema.get("description", "")),
            fields=_fields(schema),
            values=[str(value) for value in schema.get("enum", [])],
        )
        for name, schema in document["components"]["schemas"].items()
    ]


def marked(text: str) -> SafeString:
    """The little Markdown of our descriptions: `code`, lines, and the dashes of a list dropped."""
    pieces = text.removeprefix("- ").replace("\n- ", "\n").split("`")
    return SafeString(
        "".join(
            format_html("<code>{}</code>", piece) if position % 2 else linebreaksbr(piece)
            for position, piece in enumerate(pieces)
        )
    )


def _operation(path: str, method: str, operation: Json) -> Operation:
    body: Json = operation.get("requestBody", {}).get("content", {})
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=marked(operation.get("description", "")),
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        body=_link_of_content(body),
        examples=[
            *_examples("Request", body),
            *(
                example
                for status, answer in operation["responses"].items()
                for example in _examples(status, answer.get("content", {}))
            ),
        ],
        answers=[_answer(status, each) for status, each in operation["responses"].items()],
    )


def _examples(title: str, content: Json) -> Iterator[Example]:
    for media in content.values():
        for name, example in media.get("examples", {}).items():
            text = json.dumps(example["value"], indent=2, ensure_ascii=False)
            yield Example(f"{title}: {example.get('summary', name)}", text)


def _answer(status: str, answer: Json) -> Answer:
    return Answer(
        status=status,
        description=marked(answer.get("description", "")),
        headers=sorted(answer.get("headers", {})),
        link=_link_of_content(answer.get("content", {})),
    )


def _parameter(parameter: Json) -> Field:
    schema = parameter["schema"]
    return Field(
        name=parameter["name"],
        type=_type(schema),
        link=_link(schema),
        is_required=parameter.get("required", False),
        description=marked(parameter.get("description", "")),
        place=parameter["in"],
    )


def _fields(schema: Json) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(
            name=name,
            type=_type(field),
            link=_link(field),
            is_required=name in required,
            description=marked(field.get("description", "")),
        )
        for name, field in schema.get("properties", {}).items()
    ]


def _type(schema: Json) -> str:
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    kinds = schema.get("type") or [_link(one) or one.get("type", "") for one in _parts(schema)]
    text = " | ".join(kinds if isinstance(kinds, list) else [kinds]) or _link(schema) or "any"
    limits = ", ".join(_limits(schema))
    return f"{text} ({limits})" if limits else text


def _limits(schema: Json) -> Iterator[str]:
    """`date-time`, `from 1`, `at most 40 characters`; not what no client can meet."""
    if "format" in schema and schema["format"] not in NUMBERS:
        yield schema["format"]
    if "minimum" in schema:
        yield f"from {schema['minimum']}"
    if schema.get("maximum", HIGHEST) < HIGHEST:
        yield f"to {schema['maximum']}"
    if "maxLength" in schema:
        yield f"at most {schema['maxLength']} characters"


def _parts(schema: Json) -> list[Json]:
    return [*schema.get("allOf", []), *schema.get("oneOf", []), *schema.get("anyOf", [])]


def _link_of_content(content: Json) -> str:
    return next((_link(media.get("schema", {})) for media in content.values()), "")


def _link(schema: Json) -> str:
    """The name of the component that a schema refers to, however deep."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    below = [schema["items"]] if "items" in schema else _parts(schema)
    return next((name for one in below if (name := _link(one))), "")
