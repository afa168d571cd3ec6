"""/openapi.json and /docs: the description as programs and people read it."""

import base64
import hashlib
import re

import yaml

from callboard import ROOT

DESCRIPTION = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text(encoding="utf-8"))


def test_the_description_is_served_as_json(demo):
    answer = demo.server.request("GET", "/openapi.json")
    assert answer.status == 200
    assert answer.json() == DESCRIPTION


def test_an_answer_that_the_caller_has_is_not_sent_again(demo):
    for path in ("/openapi.json", "/docs"):
        first = demo.server.request("GET", path)
        again = demo.server.request("GET", path, {"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")
        other = demo.server.request("GET", path, {"If-None-Match": '"x"'})
        assert other.body == first.body


def test_the_page_names_every_call_and_every_schema(demo):
    page = demo.server.request("GET", "/docs").text
    operations = [operation for item in DESCRIPTION["paths"].values()
                  for operation in item.values() if "operationId" in operation]
    assert len(operations) > 20
    for operation in operations:
        assert f'id="{operation["operationId"]}"' in page
        assert f'href="#{operation["operationId"]}"' in page
    for name in DESCRIPTION["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
    targets = set(re.findall(r'\bid="?([\w-]+)', page))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= targets


def test_the_page_needs_nothing_from_outside_and_allows_no_more(demo):
    answer = demo.server.request("GET", "/docs")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.findall(r"<(?:link|img|script|iframe)\s[^>]*(?:src|href)", answer.text)
    assert " style=" not in answer.text and " onclick=" not in answer.text
