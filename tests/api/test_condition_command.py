"""`callboard condition eval` and `lint`: JSON lines in, JSON lines out, no server."""

import json
import re

import pytest

from callboard import run_cli
from condition_cases import CASES, G, L, N, murmur3_32


def evaluate(lines, *flags, check=True):
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    output = run_cli("condition", "eval", *flags, stdin=text, check=check).stdout
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("rule", CASES)
def test_rule(rule):
    cases = CASES[rule]
    answers = evaluate([{"condition": condition, "variables": variables, "id": index}
                        for index, (condition, variables, _) in enumerate(cases)], check=False)
    assert len(answers) == len(cases)
    wrong = [(case, answer) for index, (case, answer) in enumerate(zip(cases, answers))
             if answer["id"] != index or not is_expected(case[2], answer)]
    report = "\n".join(f"{json.dumps(case[:2], ensure_ascii=False)[:300]}\n  expected {case[2]}, "
                       f"got {answer}" for case, answer in wrong[:20])
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n{report}"


def is_expected(expected, answer) -> bool:
    if isinstance(expected, bool):
        return answer.get("matches") is expected and "error" not in answer
    pointer = answer.get("error", {}).get("pointer")
    if pointer is None or "matches" in answer or not answer["error"]["message"]:
        return False
    return re.search(expected[1:], pointer) if expected.startswith("~") else pointer == expected


def test_murmur3_of_this_test():
    """Published values, so that the rollout table stands on something."""
    assert murmur3_32(b"hello") == 0x248BFA47
    assert murmur3_32(b"hello, world") == 0x149BBB7F
    assert murmur3_32(b"The quick brown fox jumps over the lazy dog") == 0x2E4FF723


def test_line_for_line():
    """Ids come back as given; a bad line gets an error in its place and stops nothing."""
    lines = [{"condition": N("==", 1), "variables": {"n": 1}, "id": "a"},
             {"condition": N("==", 1), "variables": {"n": 2}, "id": {"b": [1]}},
             "not JSON\n",
             {"condition": N("==", "x"), "variables": {}, "id": None},
             {"condition": N("==", 1), "variables": {"n": 1}}]
    answers = evaluate(lines, check=False)
    assert [answer.get("matches") for answer in answers] == [True, False, None, None, True]
    assert answers[0]["id"] == "a" and answers[1]["id"] == {"b": [1]}
    assert "error" in answers[2] and answers[3]["error"]["pointer"] == "/target"


def test_variables_default_to_none():
    assert evaluate([{"condition": L("n", "not_exists"), "id": 1}])[0]["matches"] is True


def test_unicode_survives():
    line = {"condition": L("城", "==", "台北", "string"), "variables": {"城": "台北"}, "id": "é台"}
    assert evaluate([line]) == [{"id": "é台", "matches": True}]


def test_explain():
    condition = G("&&", N(">=", 1), L("v", "<", "2", "version"), L("x", "==", "a", "string"))
    line = {"condition": condition, "variables": {"n": 5, "v": "two"}, "id": 1}
    answer = evaluate([line], "--explain")[0]
    assert answer["matches"] is False
    text = json.dumps(answer)
    assert "malformed" in text and "missing" in text and '"two"' in text


def test_a_long_input_streams():
    """More than any pipe buffers, answered in order."""
    lines = [{"condition": N("==", 7), "variables": {"n": i % 10}, "id": i} for i in range(20000)]
    answers = evaluate(lines)
    assert [answer["id"] for answer in answers] == list(range(20000))
    assert sum(answer["matches"] for answer in answers) == 2000


def lint(condition) -> dict:
    line = json.dumps({"condition": condition, "id": 1}) + "\n"
    return json.loads(run_cli("condition", "lint", stdin=line).stdout)


@pytest.mark.parametrize("condition, pointer, words", [
    (G("&&", N("<", 10), N(">", 20)), "", "always false"),
    (G("||", G("!", N("<", 10)), G("!", N(">", 20))), "", "always true"),
    (G("&&", N("<", 10), N("<", 10)), "/conditions/1", "same condition as /conditions/0"),
])
def test_lint_warns(condition, pointer, words):
    warnings = lint(condition)["warnings"]
    assert any(warning["pointer"] == pointer and words in warning["message"]
               for warning in warnings), warnings


@pytest.mark.parametrize("condition", [
    G("&&", N("<", 20), N(">", 10)),
    G("||", N("<", 10), N(">=", 5)),  # false where n is missing
    {},
])
def test_lint_is_silent_about_good_ones(condition):
    assert lint(condition)["warnings"] == []


def test_lint_refuses_what_eval_refuses():
    assert lint(N("==", "x"))["error"]["pointer"] == "/target"
