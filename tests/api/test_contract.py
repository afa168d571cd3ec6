"""The check of every answer against the API's description can fail, in each way that it is to."""

from types import SimpleNamespace

import pytest

from contract import Contract

PERSON = {"allOf": [{"$ref": "#/components/schemas/Named"},
                    {"properties": {"age": {"type": "integer"}}}]}
OPERATION = {
    "requestBody": {"content": {"application/json": {"schema": {
        "type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}}}},
    "responses": {
        "200": {"headers": {"X-Count": {"required": True, "schema": {"type": "integer"}}},
                "content": {"application/json": {"schema": {
                    "type": "object", "required": ["people"], "properties": {
                        "people": {"type": "array",
                                   "items": {"$ref": "#/components/schemas/Person"}}}}}}},
        "304": {"description": "nothing new"},
        "default": {"$ref": "#/components/responses/Failure"}}}
DOCUMENT = {
    "paths": {"/people/{id}": {"get": OPERATION, "put": OPERATION}},
    "components": {
        "schemas": {
            "Named": {"type": "object", "properties": {"name": {"type": "string"}}},
            "Person": PERSON,
            "Error": {"type": "object", "required": ["error"], "properties": {"error": {}}}},
        "responses": {"Failure": {"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Error"}}}}}}}
GOOD = b'{"people": [{"name": "Alice", "age": 9}]}'


def check(method="GET", target="/people/1?page=2", sent=b"", status=200, body=GOOD, without=(),
          **headers):
    values = {"X-Request-ID": "r", "Content-Type": "application/json; charset=utf-8",
              "X-Count": "1"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if status != 200:
        del values["X-Count"]
    kept = {name: value for name, value in values.items() if name not in without}
    answer = SimpleNamespace(status=status, body=body,
                             headers=type("Headers", (dict,), {"__getitem__": dict.get})(kept))
    Contract(DOCUMENT).check(method, target, sent, answer)


def test_good_answers():
    check()
    check("HEAD", body=b"")
    check("PUT", sent=b'{"name": "Bob"}')
    check(status=304, body=b"", without=("Content-Type",))
    check(status=413, body=b'{"error": 1}')
    check("PATCH", status=405, body=b'{"error": 1}', Allow="GET")
    check("GET", "/nothing", status=404, body=b'{"error": 1}')
    check("OPTIONS", status=204, body=b"", without=("Content-Type",))


@pytest.mark.parametrize("reason, answer", [
    ("not a documented status", {"status": 403, "body": b'{"error": 1}'}),
    ("not a documented status", {"status": 201}),
    ("not a documented route", {"target": "/nothing"}),
    ("not a documented route", {"method": "PATCH"}),
    ("no X-Request-ID", {"without": ["X-Request-ID"]}),
    ("no header X-Count", {"without": ["X-Count"]}),
    ("header X-Count", {"X_Count": "many"}),
    ("header x-spare is not documented", {"X_Spare": "1"}),
    ("content type 'text/plain' is not documented", {"Content_Type": "text/plain"}),
    ("a body, where none is documented", {"status": 304}),
    ("'people' is a required property", {"body": b"{}"}),
    ("not of type 'integer'", {"body": b'{"people": [{"age": "9"}]}'}),
    ("'more'", {"body": b'{"people": [], "more": 1}'}),
    ("'city'", {"body": b'{"people": [{"name": "A", "city": "Tainan"}]}'}),
    ("not JSON", {"body": b"{"}),
    ("'error' is a required property", {"status": 413, "body": b"{}"}),
    ("'error' is a required property", {"target": "/nothing", "status": 404, "body": b"{}"}),
    ("the request that was taken", {"method": "PUT", "sent": b'{"nom": "Bob"}'}),
])
def test_mismatches(reason, answer):
    with pytest.raises(AssertionError, match=reason):
        check(**answer)
