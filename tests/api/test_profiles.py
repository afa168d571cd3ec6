"""CPU and heap profiles, for owners alone."""

import struct
import threading

from callboard import fresh_server

CPU, HEAP = "/debug/pprof/profile", "/debug/pprof/heap"


def words(profile: bytes) -> tuple:
    return struct.unpack("<5Q", profile[:40])


def test_a_cpu_profile_is_what_pprof_reads(tmp_path):
    """gperftools' format: a header of five words, and the memory map at the end."""
    with fresh_server(tmp_path / "data") as app:
        answer = app.operator("GET", f"{CPU}?seconds=1")
        assert answer.status == 200 and answer.headers["Content-Type"] == "application/octet-stream"
        zero, header_words, version, period_us, _ = words(answer.body)
        assert (zero, header_words, version) == (0, 3, 0) and 0 < period_us <= 100_000
        assert b"/callboard\n" in answer.body


def test_one_profile_at_a_time_and_a_drain_ends_it(tmp_path):
    with fresh_server(tmp_path / "data") as app:
        answers = []

        def take_long_one():
            while (answer := app.operator("GET", f"{CPU}?seconds=60")).status == 409:
                pass
            answers.append(answer)

        first = threading.Thread(target=take_long_one)
        first.start()
        # Until the long one has begun, a short one is answered with 200.
        while (second := app.operator("GET", f"{CPU}?seconds=1")).status == 200:
            pass
        assert second.status == 409
        app.server.stop()
        first.join()
    assert answers[0].status == 200 and words(answers[0].body)[1] == 3


def test_a_heap_profile_is_what_pprof_reads(demo):
    answer = demo.operator("GET", HEAP)
    assert answer.status == 200
    assert answer.text.startswith("heap profile: ") and "MAPPED_LIBRARIES:" in answer.text
    assert "@ heap_v2/524288\n" in answer.text


def test_profiles_are_for_owners(demo):
    for path in (CPU, HEAP):
        assert demo.call("nobody", "GET", path).status == 401
        for role in ("viewer", "editor", "admin"):
            assert demo.call(f"token:{demo.make_token(role)}", "GET", path).status == 403
        assert demo.backend("GET", path).status == 401
        # make_token() makes one for this application alone, whatever its role.
        assert demo.call(f"token:{demo.make_token('owner')}", "GET", path).status == 403


def test_a_profile_has_a_bounded_length(demo):
    for seconds in ("0", "61", "-1", "1.5", "", "x"):
        answer = demo.operator("GET", f"{CPU}?seconds={seconds}")
        assert answer.status == 400 and "from 1 to 60" in answer.text
