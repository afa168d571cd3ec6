"""LINE's own descriptions of its API, where they are at hand: beside the project, in
../shared/data/line-openapi. They are OpenAPI, whose `discriminator` JSON Schema does not know: a
base of many kinds would accept anything, so each becomes a choice between its kinds.
"""

import copy
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jsonschema
import yaml

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/line-openapi"
SCHEMAS = "#/components/schemas/"


def is_at_hand() -> bool:
    return FOLDER.is_dir()


def _to_base(schema, bases):
    """Within allOf a kind means its base's members, not the choice that leads back to it."""
    if isinstance(schema, list):
        return [_to_base(each, bases) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {}
    for name, value in schema.items():
        if name == "allOf":
            value = [{"$ref": part["$ref"] + ".base"}
                     if part.get("$ref", "").removeprefix(SCHEMAS) in bases else part
                     for part in value]
        made[name] = _to_base(value, bases)
    return made


def _with_choices(document):
    schemas = document["components"]["schemas"]
    bases = {name for name, schema in schemas.items() if "discriminator" in schema}
    made = _to_base(copy.deepcopy(schemas), bases)
    for name in bases:
        discriminator = schemas[name]["discriminator"]
        member = discriminator["propertyName"]
        base = {key: value for key, value in made[name].items() if key != "discriminator"}
        made[name + ".base"] = base
        made[name] = {"oneOf": [
            {"type": "object", "required": [member], "properties": {member: {"const": kind}},
             "allOf": [{"$ref": target}]}
            for kind, target in discriminator["mapping"].items()]}
    document["components"]["schemas"] = made
    return document


@cache
def documents() -> dict:
    return {path.stem: _with_choices(yaml.safe_load(path.read_text(encoding="utf-8")))
            for path in FOLDER.glob("*.yml")}


def check(document: str, schema: dict, value):
    """Raises jsonschema.ValidationError."""
    whole = documents()[document]
    jsonschema.Draft7Validator(
        {"components": whole["components"], "allOf": [schema]}).validate(value)


def operation(method: str, path: str):
    """The document and operation that describe a call."""
    for name, document in documents().items():
        for pattern, operations in document["paths"].items():
            if method.lower() in operations and \
                    re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
                return name, operations[method.lower()]
    raise AssertionError(f"LINE does not describe {method} {path}")


def check_request(method: str, url: str, headers: dict, body: str, read_json):
    document, described = operation(method, urlsplit(url).path)
    content = described.get("requestBody", {}).get("content", {})
    if not content:
        assert not body
        return
    kind = headers["Content-Type"]
    assert kind in content, (kind, list(content))
    value = read_json(body) if kind == "application/json" else \
        {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
    check(document, content[kind]["schema"], value)


def check_answer(method: str, path: str, status: int, value):
    document, described = operation(method, path)
    content = described["responses"][str(status)].get("content", {})
    if content:
        check(document, content["application/json"]["schema"], value)
