"""Holds every answer of the tests against docs/openapi.yaml, as a validating proxy would.

An answer must have a status that its operation documents, the documented headers, a documented
content type, and a body that the schema allows. Objects are closed: a member that the description
does not know is a mismatch. A request that the server took must be one that the description allows.
`default` stands only for what the description's own tables say of every path.
"""

import json
import re
from functools import cache
from pathlib import Path

import jsonschema
import yaml

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/openapi.yaml"
# Refused before a route is reached, called too often, or our fault.
STATUSES_OF_DEFAULT = {400, 405, 408, 413, 414, 417, 429, 431, 500, 501, 505}
# Of the connection, and of every answer: the description says so once, at its top.
COMMON_HEADERS = {"date", "server", "content-length", "content-type", "connection", "x-request-id",
                  "transfer-encoding", "allow", "vary"}
COMMON_PREFIX = "access-control-"
PARAMETER = re.compile(r"\{\w+\}")
SCHEMAS = "#/components/schemas/"


def names_members(schema: dict) -> bool:
    return "properties" in schema or any(names_members(part) or "$ref" in part
                                         for part in schema.get("allOf", []))


def opened(schema):
    """A copy whose inner objects are closed, for use within an allOf, where the whole is closed and
    not each part."""
    if not isinstance(schema, dict):
        return schema
    copy = dict(schema)
    if "$ref" in copy:
        copy["$ref"] = copy["$ref"].replace(SCHEMAS, "#/opened/")
    for key in ("properties", "patternProperties"):
        if key in copy:
            copy[key] = {name: closed(each) for name, each in copy[key].items()}
    for key in ("items", "additionalProperties"):
        if key in copy:
            copy[key] = closed(copy[key])
    for key in ("oneOf", "anyOf"):
        if key in copy:
            copy[key] = [(opened if names_members(schema) else closed)(each) for each in copy[key]]
    if "allOf" in copy:
        copy["allOf"] = [opened(each) for each in copy["allOf"]]
    return copy


def closed(schema):
    """A copy in which objects with named members have no others."""
    if not isinstance(schema, dict):
        return schema
    copy = opened(schema)
    if "$ref" in copy:
        copy["$ref"] = schema["$ref"].replace(SCHEMAS, "#/closed/")
    elif names_members(schema) and "additionalProperties" not in schema:
        copy.setdefault("unevaluatedProperties", False)
    return copy


def aptness(error) -> tuple:
    """Whatever is wrong within a member leaves it, and those around it, unevaluated too."""
    return error.validator == "unevaluatedProperties", -len(error.absolute_path)


class Contract:
    def __init__(self, document: dict):
        self.document = document
        self.schemas = document.get("components", {}).get("schemas", {})
        literal_first = sorted(document["paths"], key=lambda path: path.count("{"))
        self.paths = [(re.compile(PARAMETER.sub("[^/]*", path.replace(".", "[.]"))), path)
                      for path in literal_first]
        self.validators = {}

    def resolve(self, value: dict) -> dict:
        """What a reference names, instead of the reference."""
        while "$ref" in value:
            found = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            value = found
        return value

    def path_of(self, target: str) -> str | None:
        path = target.partition("?")[0]
        return next((template for pattern, template in self.paths if pattern.fullmatch(path)), None)

    def check(self, method: str, target: str, sent: bytes, answer):
        """Raises AssertionError that says what the description and the answer disagree about."""
        path = self.path_of(target)
        place = f"docs/openapi.yaml: {method} {path or target} {answer.status}"
        assert "X-Request-ID" in answer.headers, f"{place}: no X-Request-ID"
        if method == "OPTIONS" and answer.status == 204:
            return
        item = self.document["paths"].get(path, {})
        operation = item.get("get" if method == "HEAD" else method.lower())
        if operation is None:
            assert answer.status in {404} | STATUSES_OF_DEFAULT, f"{place}: not a documented route"
            documented = self.resolve({"$ref": "#/components/responses/Failure"})
        else:
            documented = self.documented_answer(place, operation, answer)
        self.check_headers(place, documented, answer)
        if method != "HEAD":
            self.check_content(place, documented, answer)
        if operation and answer.status == 200 and sent and "requestBody" in operation:
            self.check_request(place, self.resolve(operation["requestBody"]), sent)

    def documented_answer(self, place: str, operation: dict, answer) -> dict:
        answers = operation["responses"]
        if str(answer.status) in answers:
            return self.resolve(answers[str(answer.status)])
        assert "default" in answers and answer.status in STATUSES_OF_DEFAULT, \
            f"{place}: not a documented status"
        return self.resolve(answers["default"])

    def check_headers(self, place: str, documented: dict, answer):
        headers = {name: self.resolve(header)
                   for name, header in documented.get("headers", {}).items()}
        for name, header in headers.items():
            value = answer.headers[name]
            assert value is not None or not header.get("required"), f"{place}: no header {name}"
            if value is not None:
                is_number = self.resolve(header["schema"]).get("type") == "integer"
                self.check_json(f"{place}: header {name}", closed(header["schema"]),
                                value if is_number else json.dumps(value))
        known = COMMON_HEADERS | {name.lower() for name in headers}
        for name in map(str.lower, answer.headers):
            assert name in known or name.startswith(COMMON_PREFIX), \
                f"{place}: header {name} is not documented"

    def check_content(self, place: str, documented: dict, answer):
        content = documented.get("content", {})
        if not content:
            assert not answer.body, f"{place}: a body, where none is documented"
            return
        kind = (answer.headers["Content-Type"] or "").partition(";")[0].strip()
        assert kind in content, f"{place}: content type {kind!r} is not documented"
        schema = closed(content[kind].get("schema", {}))
        if kind == "application/json":
            self.check_json(place, schema, answer.body)
        elif kind.startswith("text/"):
            self.check_json(place, schema, json.dumps(answer.body.decode()))

    def check_request(self, place: str, documented: dict, sent: bytes):
        content = documented["content"].get("application/json")
        if content:
            self.check_json(f"{place}: the request that was taken", content["schema"], sent)

    def check_json(self, place: str, schema: dict, text: bytes | str):
        try:
            value = json.loads(text)
        except ValueError as error:
            raise AssertionError(f"{place}: not JSON: {error}: {text[:200]!r}") from error
        errors = sorted(self.validator(schema).iter_errors(value), key=aptness)
        assert not errors, f"{place}: {errors[0].json_path}: {errors[0].message[:500]}"

    def validator(self, schema: dict):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator({
                "components": {"schemas": self.schemas},
                "opened": {name: opened(each) for name, each in self.schemas.items()},
                "closed": {name: closed(each) for name, each in self.schemas.items()},
                **schema})
        return self.validators[key]


@cache
def contract() -> Contract:
    return Contract(yaml.safe_load(DOCUMENT.read_text(encoding="utf-8")))
