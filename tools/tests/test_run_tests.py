"""The closing line counts every case, and nothing that failed to run passes unseen."""

import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent


def load():
    loader = importlib.machinery.SourceFileLoader("run_tests", str(TOOLS / "run_tests"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(name="run_tests")
def fixture_run_tests(tmp_path, monkeypatch):
    module = load()
    monkeypatch.setattr(module, "LOGS", tmp_path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


REPORT = """<testsuite>
  <testcase name="a" classname="A" status="run"/>
  <testcase name="b" classname="A" status="fail">
    <failure message="no"/><system-out>expected 1</system-out>
  </testcase>
  <testcase name="c" classname="A"><error message="set-up"/></testcase>
  <testcase name="d" classname="A" status="notrun"><skipped/></testcase>
</testsuite>"""


def test_a_report_is_counted_by_case(run_tests, tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    outcome = run_tests.junit_outcome(report, exit_code=1)
    assert str(outcome) == "1 passed, 2 failed, 1 skipped"
    assert outcome.failures == [("b", "expected 1"), ("c", "")]


def test_a_missing_report_means_it_could_not_run(run_tests, tmp_path):
    with pytest.raises(run_tests.SuiteError):
        run_tests.junit_outcome(tmp_path / "none.xml", exit_code=0)


def test_an_exit_code_without_a_failed_case_is_not_a_pass(run_tests, tmp_path):
    report = tmp_path / "report.xml"
    report.write_text('<testsuite><testcase name="a"/></testsuite>')
    with pytest.raises(run_tests.SuiteError):
        run_tests.junit_outcome(report, exit_code=2)


@pytest.mark.parametrize("log, code, expected", [
    ("ok x\n3 passed, 0 failed\n", 0, "3 passed, 0 failed"),
    ("FAILED x 1 s\n2 passed, 1 failed\n", 1, "2 passed, 1 failed"),
])
def test_a_tool_is_counted_by_its_closing_line(run_tests, log, code, expected):
    assert str(run_tests.summary_outcome(log, code)) == expected


@pytest.mark.parametrize("log, code", [
    ("the build broke\n", 1),
    ("3 passed, 0 failed\n", 1),
    ("2 passed, 1 failed\n", 1),
])
def test_a_tool_that_contradicts_itself_is_not_a_pass(run_tests, log, code):
    with pytest.raises(run_tests.SuiteError):
        run_tests.summary_outcome(log, code)


@pytest.mark.parametrize("log, code, expected", [
    ("ok 1 - a\nok 2 - b # SKIP no browser\n", 0, "1 passed, 0 failed, 1 skipped"),
    ("    ok 1 - a\n    not ok 2 - b\nnot ok 1 - x.test.js\n", 1, "1 passed, 1 failed"),
    ("ok 1 - a\nnot ok 2 - /x.test.js\n", 1, "1 passed, 1 failed"),
])
def test_nodes_runner_is_counted_by_case(run_tests, log, code, expected):
    assert str(run_tests.tap_outcome(log, code)) == expected


@pytest.mark.parametrize("log, code", [("ok 1 - a\n", 1), ("not ok 1 - a\n", 0), ("", 1)])
def test_a_runner_that_contradicts_itself_is_not_a_pass(run_tests, log, code):
    with pytest.raises(run_tests.SuiteError):
        run_tests.tap_outcome(log, code)


@pytest.mark.parametrize("result, expected", [
    (lambda r, run: r.Outcome(passed=2), (2, 0)),
    (lambda r, run: r.Outcome(passed=2, failures=[r.Failure("x")]), (2, 1)),
    (lambda r, run: r.Outcome(), (0, 1)),  # ran no test
    (lambda r, run: run.command("no-such-program") and r.Outcome(), (0, 1)),
    (lambda r, run: run.build("no-such-preset") or r.Outcome(passed=1), (0, 1)),
])
def test_a_suite_that_fails_or_runs_nothing_is_a_failure(run_tests, result, expected):
    entry = run_tests.Entry("x", "made up", lambda run: result(run_tests, run))
    outcome = run_tests.run_suite(entry)
    assert (outcome.passed, len(outcome.failures)) == expected


@pytest.mark.parametrize("outcomes, code, closing", [
    ([(2, 0), (3, 0)], 0, "5 passed, 0 failed"),
    ([(2, 1), (3, 0)], 1, "5 passed, 1 failed"),
    ([(0, 0)], 1, "0 passed, 1 failed"),
])
def test_the_last_line_is_the_sum_of_all_suites(run_tests, monkeypatch, capsys, outcomes, code,
                                                closing):
    def suite(passed, failed):
        failures = [run_tests.Failure("x")] * failed
        return lambda run: run_tests.Outcome(passed=passed, failures=failures)

    entries = [run_tests.Entry(f"s{i}", "made up", suite(*counts))
               for i, counts in enumerate(outcomes)]
    monkeypatch.setattr(run_tests, "SUITES", entries)
    monkeypatch.setattr("sys.argv", ["run_tests"])
    with pytest.raises(SystemExit) as stop:
        run_tests.main()
    assert stop.value.code == code
    assert capsys.readouterr().out.splitlines()[-1] == closing
