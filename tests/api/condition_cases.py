"""The condition language as a table: (condition, variables, expected).

`expected` is True, False, or the JSON pointer of the refused part. Grouped by the rules of the
language's description. L(...) is a leaf; a bare leaf is a condition for `callboard condition eval`.
"""

NULL = None


def L(variable, logic, target=..., target_type=..., **more) -> dict:
    leaf = {"variable": variable, "logic": logic, "target": target, "target_type": target_type}
    return {key: value for key, value in (leaf | more).items() if value is not ...}


def S(logic, target, **more):
    return L("s", logic, target, "string", **more)


def N(logic, target):
    return L("n", logic, target, "number")


def B(logic, target):
    return L("b", logic, target, "boolean")


def V(logic, target):
    return L("v", logic, target, "version")


def D(logic, target):
    return L("d", logic, target, "datetime")


def R(target, **more):
    return L("user_id", "rollout", target, "percent", **more)


def G(logic, *conditions):
    return {"logic": logic, "conditions": list(conditions)}


def nested(depth):
    condition = N("==", 1)
    for _ in range(depth):
        condition = G("&&", condition)
    return condition


YES, NO = N("==", 1), N("==", 2)
ONE = {"n": 1}

EVERYONE = [
    ({}, {}, True), (G("&&"), {}, True), (G("||"), {}, True), (G(""), {}, True),
    (G("", YES), ONE, "/logic"), (G("!"), ONE, "/conditions"),
]
GROUPS = [
    (G("&&", YES, YES), ONE, True), (G("&&", YES, NO), ONE, False), (G("&&", NO, YES), ONE, False),
    (G("||", YES, NO), ONE, True), (G("||", NO, YES), ONE, True), (G("||", NO, NO), ONE, False),
    (G("!", YES), ONE, False), (G("!", NO), ONE, True),
    (G("!", G("!", YES)), ONE, True), (G("!", G("||", NO, NO)), ONE, True),
    (G("&&", G("||", NO, YES), G("!", NO)), ONE, True),
    (G("||", G("&&", YES, NO), G("&&", YES, YES)), ONE, True),
    (G("!", YES, YES), ONE, "/conditions"), (G("&&", G("||")), ONE, "/conditions/0/conditions"),
    (G("and", YES), ONE, "/logic"), (G("&", YES), ONE, "/logic"),
    (G("&&", YES, {"logic": "||"}), ONE, "~^/conditions/1"),
    (G("&&", YES, 5), ONE, "/conditions/1"),
    ({"logic": "&&", "conditions": {}}, ONE, "/conditions"), ([], ONE, ""), ("x", ONE, ""),
    (nested(8), ONE, True), (nested(9), ONE, "~^(/conditions/0)*"),
    (G("&&", *[YES] * 256), ONE, True), (G("&&", *[YES] * 257), ONE, "~"),
    (G("||", *[N("==", i) for i in range(256)]), {"n": 255}, True),
]
WRITE_TIME = [  # rule 1
    (S("~=", "x"), {}, "/logic"), (S("<", "x"), {}, "/logic"), (B("<", True), {}, "/logic"),
    (N("contains", 1), {}, "/logic"), (V("starts_with", "1"), {}, "/logic"),
    (D("==", "2024-01-01T00:00:00Z"), {}, "/logic"), (N("rollout", 1), {}, "/logic"),
    (L("n", "==", 1, "int"), {}, "/target_type"), (L("n", "==", 1, "Number"), {}, "/target_type"),
    (L("n", "==", 1), {}, "~^(/target_type)?$"),
    (L("n", "==", target_type="number"), {}, "~^(/target)?$"),
    ({"logic": "==", "target": 1, "target_type": "number"}, {}, "~^(/variable)?$"),
    (L(5, "==", 1, "number"), {}, "/variable"), (L("", "==", 1, "number"), {}, "/variable"),
    (L("n", 5, 1, "number"), {}, "/logic"), (L("n", "==", 1, 5), {}, "/target_type"),
    (L("n", "==", 1, "number", colour=1), {}, "/colour"),
    (N("==", "1x"), {}, "/target"), (N("==", "1"), ONE, True), (N("==", True), {}, "/target"),
    (N("==", NULL), {}, "/target"),
    (N("==", [1]), {}, "/target"), (N("in", 1), {}, "/target"),
    (N("in", [1, "two"]), {}, "/target/1"),
    (N("==", 2**53), {}, "/target"), (N("==", 2**53 - 1), {"n": 2**53 - 1}, True),
    (N("==", -(2**53)), {}, "/target"), (N("==", -(2**53) + 1), {"n": -(2**53) + 1}, True),
    (S("==", 1), {}, "/target"), (S("==", ["a"]), {}, "/target"), (S("in", "a"), {}, "/target"),
    (S("in", ["a", 1]), {}, "/target/1"), (S("==", "x" * 1024), {"s": "x" * 1024}, True),
    (S("==", "x" * 1025), {}, "/target"), (S("in", ["a"] * 1000), {"s": "a"}, True),
    (S("in", [f"k{i}" for i in range(1001)]), {}, "/target"),
    (B("==", "yes"), {}, "/target"), (B("==", "true"), {"b": True}, True),
    (B("==", 1), {}, "/target"), (B("in", [True]), {}, "/logic"),
    (V("==", 1.2), {}, "/target"), (V("==", "1.2.3.4"), {}, "/target"),
    (V("==", ""), {}, "/target"),
    (V("in", ["1.0.0", "x"]), {}, "/target/1"), (V("==", "01.0.0"), {}, "/target"),
    (D("<", "2024-01-01T00:00:00"), {}, "/target"), (D("<", "2024-13-01T00:00:00Z"), {}, "/target"),
    (D("<", "yesterday"), {}, "/target"), (D("<", True), {}, "/target"),
    (S("matches", "("), {}, "/target"), (S("matches", "(?=a)"), {}, "/target"),
    (S("matches", "((a{100}){100}){100}"), {}, "/target"), (S("matches", ["a"]), {}, "/target"),
    (R(101), {}, "/target"), (R(-1), {}, "/target"), (R(12.345), {}, "/target"),
    (R("half"), {}, "/target"),
    (N("==", 1) | {"ignore_case": True}, {}, "/ignore_case"),
    (S("==", "a", ignore_case=1), {}, "/ignore_case"),
]
MISSING = [  # rule 3: positive operators are false, negative ones true; null is missing
    *[(leaf, variables, False)
      for variables in ({}, {"s": NULL, "n": NULL, "b": NULL, "v": NULL, "d": NULL})
      for leaf in (S("==", ""), S("in", ["a"]), S("contains", "a"), S("starts_with", ""),
                   S("ends_with", ""),
                   S("matches", ".*"), N("==", 0), N("<", 9), N(">=", 0), N("in", [0]),
                   B("==", False),
                   V("==", "0"), V("<", "9"), V(">=", "0"), D("<", 9e9), L("s", "exists"))],
    *[(leaf, variables, True) for variables in ({}, {"s": NULL, "n": NULL, "b": NULL, "v": NULL})
      for leaf in (S("!=", ""), S("not_in", ["a"]), S("not_contains", "a"), N("!=", 0),
                   N("not_in", [0]),
                   B("!=", True), V("!=", "0"), V("not_in", ["0"]), L("s", "not_exists"))],
    (L("s", "exists"), {"s": ""}, True), (L("s", "exists"), {"s": False}, True),
    (L("s", "exists"), {"s": []}, True), (L("s", "not_exists"), {"s": 0}, False),
    (G("&&", L("s", "exists"), S("not_in", ["x"])), {}, False),
    (R(100), {}, False),
]
MALFORMED = [  # rule 4: the leaf is false, for the negative operators too
    *[(leaf, {"n": value}, False)
      for value in ("abc", "", " 1", "1 ", "0x10", "NaN", "Inf", "1,5", "1_0", True, [1], {"a": 1})
      for leaf in (N("!=", 5), N("==", 5))],
    (N("not_in", [5]), {"n": "abc"}, False),
    (S("!=", "x"), {"s": 5}, False), (S("!=", "x"), {"s": True}, False),
    (S("!=", "x"), {"s": ["y"]}, False),
    (S("not_contains", "x"), {"s": 5}, False), (S("not_in", ["x"]), {"s": 5}, False),
    (B("!=", True), {"b": 0}, False), (B("!=", True), {"b": "no"}, False),
    (B("!=", True), {"b": "True"}, False),
    (V("!=", "1"), {"v": "one"}, False), (V("not_in", ["1"]), {"v": "1.2.3.4"}, False),
    (V("!=", "1"), {"v": 1.5}, False),
    (D("<", 9e9), {"d": "2024-01-01"}, False), (D(">", 0), {"d": "soon"}, False),
    (D(">", 0), {"d": True}, False),
    (G("!", N("==", 5)), {"n": "abc"}, True),
]
NUMBERS = [  # rule 5
    (N("==", 12), {"n": 12.0}, True), (N("==", 12), {"n": "12"}, True),
    (N("==", 12), {"n": "12.00"}, True),
    (N("==", 1200), {"n": "1.2e3"}, True), (N("==", 1200), {"n": "1.2E+3"}, True),
    (N("==", 0.25), {"n": "25e-2"}, True),
    (N("==", -5), {"n": "-5"}, True), (N("==", 0), {"n": -0.0}, True),
    (N("==", 0.3), {"n": 0.1 + 0.2}, False),
    (N("!=", 12), {"n": 13}, True), (N("!=", 12), {"n": 12}, False),
    (N("<", 10), {"n": 9}, True), (N("<", 10), {"n": 10}, False), (N("<=", 10), {"n": 10}, True),
    (N(">", 10), {"n": 10}, False), (N(">", 10), {"n": 10.5}, True), (N(">=", 10), {"n": 10}, True),
    (N("<", 10), {"n": "9"}, True), (N("<", 10), {"n": -1e300}, True),
    (N("in", [1, 2.5]), {"n": 2.5}, True), (N("in", [1, 2.5]), {"n": "2.5"}, True),
    (N("in", [1, 2]), {"n": 3}, False),
    (N("not_in", [1, 2]), {"n": 3}, True), (N("not_in", [1, 2]), {"n": 1}, False),
    (N("in", []), ONE, False), (N("not_in", []), ONE, True),  # rule 11
    (S("in", []), {"s": "a"}, False), (S("not_in", []), {"s": "a"}, True),
]
BOOLEANS = [  # rule 6
    (B("==", True), {"b": True}, True), (B("==", True), {"b": "true"}, True),
    (B("==", True), {"b": False}, False),
    (B("==", False), {"b": "false"}, True), (B("!=", True), {"b": False}, True),
    (B("==", True), {"b": 1}, False),
    (B("==", True), {"b": "1"}, False), (B("==", True), {"b": "TRUE"}, False),
]
STRINGS = [  # rules 7 and 12
    (S("==", "a"), {"s": "a"}, True), (S("==", "a"), {"s": "A"}, False),
    (S("==", ""), {"s": ""}, True),
    (S("==", "a"), {"s": "a "}, False), (S("!=", "a"), {"s": "A"}, True),
    (S("!=", "a"), {"s": "a"}, False),
    (S("==", "é"), {"s": "e\u0301"}, False),  # bytes: not normalised
    (S("in", ["a", "b"]), {"s": "b"}, True), (S("in", ["a", "b"]), {"s": "c"}, False),
    (S("not_in", ["a"]), {"s": "b"}, True),
    (S("contains", "b"), {"s": "abc"}, True), (S("contains", "d"), {"s": "abc"}, False),
    (S("contains", ""), {"s": "abc"}, True),
    (S("contains", ["x", "c"]), {"s": "abc"}, True),
    (S("contains", ["x", "y"]), {"s": "abc"}, False),
    (S("not_contains", "d"), {"s": "abc"}, True), (S("not_contains", "b"), {"s": "abc"}, False),
    (S("starts_with", "ab"), {"s": "abc"}, True), (S("starts_with", "bc"), {"s": "abc"}, False),
    (S("starts_with", ["x", "a"]), {"s": "abc"}, True), (S("ends_with", "bc"), {"s": "abc"}, True),
    (S("ends_with", ["x", "c"]), {"s": "abc"}, True), (S("ends_with", "ab"), {"s": "abc"}, False),
    (S("starts_with", "abcd"), {"s": "abc"}, False), (S("==", "台北"), {"s": "台北"}, True),
    (S("starts_with", "台"), {"s": "台北"}, True),
    (S("==", "a\u0000b"), {"s": "a\u0000b"}, True), (S("==", "a\u0000b"), {"s": "a"}, False),
    (S("==", "ABC", ignore_case=True), {"s": "abc"}, True),
    (S("!=", "ABC", ignore_case=True), {"s": "abc"}, False),
    (S("==", "ÄÖÜ", ignore_case=True), {"s": "äöü"}, True),
    (S("==", "ΑΒΓ", ignore_case=True), {"s": "αβγ"}, True),
    (S("==", "МОСКВА", ignore_case=True), {"s": "москва"}, True),
    (S("in", ["X", "Ñ"], ignore_case=True), {"s": "ñ"}, True),
    (S("contains", "BC", ignore_case=True), {"s": "abcd"}, True),
    (S("starts_with", "ÉC", ignore_case=True), {"s": "école"}, True),
    (S("ends_with", "LE", ignore_case=True), {"s": "école"}, True),
    (S("not_contains", "BC", ignore_case=True), {"s": "abc"}, False),
    (S("==", "ABC", ignore_case=False), {"s": "abc"}, False),
    (S("matches", "b+"), {"s": "abbc"}, True), (S("matches", "^b"), {"s": "abc"}, False),
    (S("matches", "^a.c$"), {"s": "abc"}, True),
    (S("matches", "B"), {"s": "abc"}, False),
    (S("matches", "B", ignore_case=True), {"s": "abc"}, True),
    (S("matches", "^.$"), {"s": "台"}, True),
    (S("matches", "(a+)+$"), {"s": "a" * 1000 + "b"}, False), (S("matches", ""), {"s": ""}, True),
]
DATETIMES = [  # rule 9
    (D("<", "2024-01-01T00:00:00Z"), {"d": "2023-12-31T23:59:59Z"}, True),
    (D("<", "2024-01-01T00:00:00Z"), {"d": "2024-01-01T00:00:00Z"}, False),
    (D("<=", "2024-01-01T00:00:00Z"), {"d": "2024-01-01T08:00:00+08:00"}, True),
    (D(">=", "2024-01-01T00:00:00Z"), {"d": "2024-01-01T07:59:59+08:00"}, False),
    (D(">", "2024-01-01T00:00:00Z"), {"d": "2024-01-01T00:00:00.001Z"}, True),
    (D(">", "2024-01-01T00:00:00.5Z"), {"d": "2024-01-01T00:00:00.25Z"}, False),
    (D("before", "2024-01-01T00:00:00Z"), {"d": 1704067199}, True),
    (D("after", "2024-01-01T00:00:00Z"), {"d": 1704067200}, False),
    (D("after", 1704067200), {"d": 1704067200.5}, True),
    (D(">=", 1704067200), {"d": "2024-01-01T00:00:00Z"}, True),
    (D(">", 0), {"d": "2024-02-29T12:00:00-11:30"}, True),
    (D(">", 0), {"d": "2023-02-29T12:00:00Z"}, False),
    (D(">", 0), {"d": "2024-01-01T00:00:00"}, False), (D(">", 0), {"d": "2024-01-01 00:00"}, False),
    (D("<", 0), {"d": "1969-12-31T23:59:59Z"}, True), (D("<", 0), {"d": -1}, True),
]
ARRAYS = [  # rule 10
    (S("in", ["a", "b"]), {"s": ["x", "b"]}, True), (S("in", ["a", "b"]), {"s": ["x", "y"]}, False),
    (S("in", ["a"]), {"s": []}, False),
    (S("not_in", ["a", "b"]), {"s": ["x", "y"]}, True),
    (S("not_in", ["a", "b"]), {"s": ["x", "b"]}, False), (S("not_in", ["a"]), {"s": []}, True),
    (S("in", ["1"]), {"s": [1, True, NULL]}, False), (S("in", ["a"]), {"s": [1, "a"]}, True),
    (S("not_in", ["1"]), {"s": [1]}, True),
    (S("contains", "a"), {"s": ["b", "a"]}, True), (S("contains", "a"), {"s": ["abc"]}, False),
    (S("contains", ["x", "b"]), {"s": ["b"]}, True),
    (S("not_contains", "a"), {"s": ["b"]}, True),
    (S("not_contains", "a"), {"s": ["a", "b"]}, False),
    (S("contains", "A", ignore_case=True), {"s": ["a"]}, True), (S("==", "a"), {"s": ["a"]}, False),
    (S("starts_with", "a"), {"s": ["a"]}, False),
    (S("matches", "a"), {"s": ["a"]}, False), (N("in", [1, 2]), {"n": [5, 2]}, True),
    (N("not_in", [1, 2]), {"n": [5, 2]}, False),
    (N("<", 10), {"n": [1]}, False), (N("!=", 10), {"n": [1]}, False),
    (V("in", ["1.0.0"]), {"v": ["2", "v1"]}, True),
    (B("==", True), {"b": [True]}, False),
]

# Rule 8. Each is older than the next; SemVer 2.0.0 §11.4's own chain is among them.
VERSION_LADDER = [
    "0.0.0-0", "0.0.0", "0.0.1", "0.9", "0.10.0", "1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-10",
    "1.0.0-99999999999999999999", "1.0.0-100000000000000000000", "1.0.0--", "1.0.0-0a", "1.0.0-A",
    "1.0.0-a",
    "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-alpha0", "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0-rc.1.0", "1.0.0", "1.0.1-rc", "1.0.1", "1.1.0", "1.2-rc",
    "1.2", "1.9.9",
    "1.10.0", "2", "2.1.0", "10.0.0-a-b", "10.0.0", "99999999999999999999.0.0",
    "99999999999999999999999.999999999999999999.99999999999999999",
]
VERSION_EQUALS = [
    ("1", "1.0.0"), ("1.2", "1.2.0"), ("v1.2.3", "1.2.3"), ("V1", "1.0.0"),
    ("1.2.3+build.5", "1.2.3"),
    ("1.2.3-rc.1+5", "1.2.3-rc.1+6"), ("1.2-rc", "1.2.0-rc"), ("1-a", "1.0.0-a"),
    ("1.0.0+0.build.1-rc.10000aaa-kk-0.1", "1"),
    ("1.0.0-0A.is.legal", "1.0.0-0A.is.legal"),
    ("1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay", "1.0.0-alpha-a.b-c-somethinglong"),
]
VERSION_MALFORMED = [
    "", " ", "a", "v", "vv1", "1.", ".1", "1..2", "1.2.3.4", "1.2.3.4-rc", "01.2.3", "1.02.3",
    "1.2.03", "1.2.3-01", "1.2.3-a.01",
    "1.2.3-", "1.2.3-a..b", "1.2.3-a.", "1.2.3+", "1.2.3+a..b", "1.2.3+a+b", "1.2.3-ä", "1.2.3 ",
    " 1.2.3", "1.2.3-a b",
    "-1.2.3", "1.-2.3", "+1", "1.2.3_a", "1.2.3-a_b", "1,2,3", "0x1.0.0", "1.x", "1.*", "latest",
    "1.2.3\n", "beta", "9.8.7-whatever+meta+meta",
]


def version_cases():
    ladder = VERSION_LADDER
    for low, high in zip(ladder, ladder[1:]):
        yield V("<", high), {"v": low}, True
        yield V(">", low), {"v": high}, True
        yield V(">=", high), {"v": low}, False
        yield V("<=", low), {"v": high}, False
        yield V("==", low), {"v": high}, False
        yield V("!=", low), {"v": high}, True
    for one, other in VERSION_EQUALS:
        for logic in ("==", "<=", ">=", "<", ">", "!="):
            expected = logic in ("==", "<=", ">=")
            yield V(logic, one), {"v": other}, expected
        yield V("in", ["9", one]), {"v": other}, True
        yield V("not_in", [one]), {"v": other}, False
    for text in VERSION_MALFORMED:
        yield V("!=", "1.2.3"), {"v": text}, False
        yield V(">=", "0"), {"v": text}, False
        yield V("==", text), {}, "/target"
    yield V(">=", "1.2.3"), {"v": "1.3.0-alpha"}, True  # pre-releases are not excluded from ranges


def murmur3_32(data: bytes) -> int:
    """MurmurHash3 x86 32-bit, seed 0."""
    mask, h = 0xFFFFFFFF, 0
    rotate = lambda x, r: (x << r | x >> (32 - r)) & mask
    for i in range(0, len(data), 4):
        k = int.from_bytes(data[i:i + 4], "little")
        h ^= rotate(k * 0xCC9E2D51 & mask, 15) * 0x1B873593 & mask
        if len(data) - i >= 4:
            h = (rotate(h, 13) * 5 + 0xE6546B64) & mask
    h ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        h = (h ^ h >> shift) * factor & mask
    return h


def bucket_of(group: str, value: str) -> int:
    h = murmur3_32(f"{group}:{value}".encode())
    return h % 100 * 100 + h // 100 % 100


def rollout_cases():  # rule 13
    for i in range(120):
        group, user = f"g{i % 7}", f"user-{i * 7919}"
        bucket = bucket_of(group, user)
        for hundredths in {0, 1, bucket, min(bucket + 1, 10000), 2500, 5050, 9999, 10000}:
            target = hundredths // 100 if hundredths % 100 == 0 else hundredths / 100
            yield R(target, group=group), {"user_id": user}, bucket < hundredths
    for text, number in (("5", 5), ("5", 5.0), ("-1.5", -1.5), ("123456789", 123456789),
                         ("0.1", 0.1)):
        bucket = bucket_of("g", text)
        yield R((bucket + 1) / 100, group="g"), {"user_id": number}, True
        yield R(bucket / 100, group="g"), {"user_id": number}, False
    yield R(50, group="台北"), {"user_id": "王小明"}, bucket_of("台北", "王小明") < 5000
    yield R(100, group="g"), {"user_id": ""}, True


CASES = {
    "everyone": EVERYONE, "groups": GROUPS, "write time": WRITE_TIME, "missing": MISSING,
    "malformed": MALFORMED,
    "numbers": NUMBERS, "booleans": BOOLEANS, "strings": STRINGS, "datetimes": DATETIMES,
    "arrays": ARRAYS,
    "versions": list(version_cases()), "rollout": list(rollout_cases()),
}
