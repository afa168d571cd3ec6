"""Each house rule lets a good tree pass and catches each way of breaking it."""

import shutil
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent
HEADER = "#pragma once\n\n// What it is.\n"
GOOD_DOCUMENTS = {
    "README.md": "`make run`, `make test`\n",
    "ARCHITECTURE.md": "```\nREADME.md  ARCHITECTURE.md\nsrc/\n  main.cpp  starts\n"
                       "  base/  db/    both\n```\n",
    "src/main.cpp": "",
    "src/base/clock.hpp": HEADER,
    "src/db/row.hpp": HEADER,
}
DOCUMENT = "docs/openapi.yaml"
DESCRIBED = """parameters:
  Id: {name: id, in: path}
paths:
  /:
    get: {operationId: front, responses: {default: {}}}
  /user/{id}:
    parameters: [{$ref: '#/parameters/Id'}]
    put: {operationId: change, responses: {default: {}}}
    delete: {operationId: erase, responses: {default: {}}}
"""
ROUTES = """const std::string all = "/user";
static constexpr auto front = "/";
  return {
      {Method::get, front, Access::anyone, Surface::plain, immediate(page)},
      {http::Method::put, all + "/{id}", Access::editor, surface, writes(&Console::change)},
      {Method::delete_,
       "/user"
       "/{id}",
       Access::editor, surface, writes(&Console::erase)},
  };
"""
GOOD_ROUTES = {DOCUMENT: DESCRIBED, "src/http/routes.cpp": ROUTES,
               "src/http/router_test.cpp": '{Method::get, "/only/in/a/test", Access::anyone}'}
SOUND = """openapi: 3.1.0
info: {title: A, version: 0.1.0, license: {name: MIT, identifier: MIT}}
servers: [{url: 'http://127.0.0.1'}]
security: []
tags: [{name: users, description: About users}]
paths:
  /user:
    get:
      operationId: read
      summary: A user
      tags: [users]
      responses:
        '200':
          description: Yes.
          content:
            application/json:
              schema: {type: object, properties: {age: {type: integer}}}
              example: {age: 9}
"""
MARKER = "TO" "DO"
SLEEP = "sleep" "_for"

GOOD = {
    "check_layers": {
        "src/base/json.cpp": '#include "base/json.hpp"\n#include <boost/json.hpp>\n',
        "src/base/ids.cpp": "#include <sys/stat.h>\n#include <map>\n#include <sodium.h>\n",
        "src/http/connection.hpp": HEADER + "#include <boost/asio/io_context.hpp>\n",
        "src/http/server.hpp": HEADER + '#include "http/route.hpp"\n',
        "src/http/server.cpp": '#include "http/connection.hpp"\n',
        "src/identity/gate.cpp": '#include "audience/audience.hpp"\n#include "http/route.hpp"\n',
        "src/audience/users_test.cpp": '#include "db/sqlite/open.hpp"\n#include "tests/x.hpp"\n',
        "src/app/serve.hpp": HEADER + '#include "bulletins/board.hpp"\n',
        "src/main.cpp": '#include "app/serve.hpp"\n',
    },
    "check_documents": GOOD_DOCUMENTS,
    "check_headers": {"src/a.hpp": HEADER},
    "check_file_length": {"src/a.cpp": "int a;\n" * 400, "tests/a.json": "1\n" * 500},
    "check_line_length": {"src/a.cpp": "x" * 100 + "\n", "README.md": "x" * 200 + "\n"},
    "check_markers": {"src/a.cpp": "// auTODOne XXXX\n"},
    "check_migrations": {"migrations/0001_a.sql": "", "migrations/0002_b.sqlite.sql": "",
                         "migrations/0002_b.postgres.sql": "", "migrations/0003_c.sql": ""},
    "check_openapi": GOOD_ROUTES,
    "check_api_description": {DOCUMENT: SOUND},
    "check_paths": {"src/a.cpp": '// src/work/a.cpp, /tmp/x, "a/work/b"\n'},
    "check_skips": {"src/a_test.cpp": 'GTEST_SKIP() << "no network";\n',
                    "tests/test_a.py": 'pytest.skip("no disk")\n'
                                       '@pytest.mark.skipif(x(1), reason="y")\n'},
    "check_sleeps": {"src/base/clock.cpp": f"{SLEEP}(1s);\n",
                     "tests/a.py": "# nothing here may sleep; sleepless\n"},
    "check_format": {".clang-format": "BasedOnStyle: Google\n", "src/a.cpp": "int a;\n"},
}

BAD = [
    ("check_layers", {"src/base/a.cpp": '#include "db/row.hpp"\n'}, "base may not include"),
    ("check_layers", {"src/base/a.cpp": "#include <sqlite3.h>\n"}, "base may not use"),
    ("check_layers", {"src/base/a.cpp": "#include <boost/asio.hpp>\n"}, "base may not use"),
    ("check_layers", {"src/db/a.cpp": '#include "http/route.hpp"\n'}, "db may not include"),
    ("check_layers", {"src/conditions/a.cpp": '#include "audience/audience.hpp"\n'},
     "conditions may not include"),
    ("check_layers", {"src/audience/a.cpp": '#include "identity/identity.hpp"\n'},
     "audience may not include"),
    ("check_layers", {"src/bulletins/a.cpp": '#include "audience/user_store.hpp"\n'},
     "bulletins may not include"),
    ("check_layers", {"src/bulletins/a.cpp": '#include "events/events.hpp"\n'},
     "bulletins may not include"),
    ("check_layers", {"src/bulletins/a.cpp": '#include "db/sqlite/open.hpp"\n'},
     "which database"),
    ("check_layers", {"src/bulletins/a.hpp": "#include <boost/beast/http.hpp>\n"},
     "no socket library"),
    ("check_layers", {"src/http/loop.hpp": "#include <boost/asio.hpp>\n",
                      "src/http/server.hpp": '#include "http/loop.hpp"\n',
                      "src/app/serve.cpp": '#include "http/server.hpp"\n'}, "brings in sockets"),
    ("check_layers", {"src/http/a.cpp": '#include "app/serve.hpp"\n'}, "only main.cpp"),
    ("check_layers", {"bench/a.cpp": '#include "app/serve.hpp"\n'}, "only main.cpp"),
    ("check_layers", {"src/http/a.cpp": '#include "route.hpp"\n'}, "no path from src/"),
    ("check_layers", {"src/utils/a.cpp": ""}, "no place in the layers"),
    ("check_documents", GOOD_DOCUMENTS | {"README.md": "`make run`"}, "make test"),
    ("check_documents", GOOD_DOCUMENTS | {"src/new/a.cpp": ""}, "does not name src/new"),
    ("check_documents", GOOD_DOCUMENTS | {"extra/a.txt": ""}, "does not name extra"),
    ("check_documents", GOOD_DOCUMENTS | {"ARCHITECTURE.md": "```\nsrc/\n  base/  db/  gone/\n```"},
     "names src/gone, which does not exist"),
    ("check_documents", GOOD_DOCUMENTS | {
        "ARCHITECTURE.md": GOOD_DOCUMENTS["ARCHITECTURE.md"] + "more\n" * 150}, "at most 150"),
    ("check_headers", {"src/a.hpp": "#include <map>\n#pragma once\n"}, "does not begin with"),
    ("check_headers", {"src/a.hpp": HEADER + "#pragma once\n"}, "does not begin with"),
    ("check_headers", {"src/a.hpp": "#pragma once\n\nint a();\n"}, "does not say what it is"),
    ("check_file_length", {"src/a.cpp": "int a;\n" * 401}, "401 lines"),
    ("check_line_length", {"src/a.cpp": "x" * 101}, "101 characters"),
    ("check_line_length", {"tools/a": "#!/bin/sh\n" + "x" * 101}, "101 characters"),
    ("check_markers", {"src/a.cpp": f"// {MARKER}: later\n"}, MARKER),
    ("check_migrations", {"migrations/0002_b.sql": ""}, "0001 is missing"),
    ("check_migrations", {"migrations/0001_a.sql": "", "migrations/0001_b.sql": ""}, "is taken"),
    ("check_migrations", {"migrations/0001_a.sqlite.sql": "",
                          "migrations/0001_b.postgres.sql": ""}, "different names"),
    ("check_migrations", {"migrations/1_a.sql": ""}, "is not called"),
    ("check_openapi", {"src/a.cpp": ROUTES}, "does not describe delete /user/{id}"),
    ("check_openapi", GOOD_ROUTES | {"src/b.cpp": '{Method::post, "/", Access::viewer}'},
     "does not describe post /"),
    ("check_openapi", GOOD_ROUTES | {"src/b.cpp": "{Method::post, path_of(x), Access::viewer}"},
     "not made of literals"),
    ("check_openapi", GOOD_ROUTES | {"src/http/routes.cpp": ROUTES.replace("put", "patch")},
     "describes put /user/{id}, which is not served"),
    ("check_openapi", GOOD_ROUTES | {DOCUMENT: DESCRIBED.replace("/Id", "/Name")},
     "#/parameters/Name refers to nothing"),
    ("check_openapi", GOOD_ROUTES | {DOCUMENT: DESCRIBED.replace("name: id", "name: user_id")},
     "other parameters than in the path"),
    ("check_openapi", GOOD_ROUTES | {DOCUMENT: DESCRIBED.replace("erase", "change")},
     "no operationId of its own"),
    ("check_openapi", GOOD_ROUTES | {DOCUMENT: DESCRIBED.replace("default", "200")},
     "no default answer"),
    ("check_api_description", {DOCUMENT: SOUND.replace("{age: 9}", "{age: old}")}, "example"),
    ("check_api_description", {DOCUMENT: SOUND.replace("description: Yes.", "describes: Yes.")},
     "`describes` is not expected"),
    ("check_api_description", {DOCUMENT: SOUND.replace("[users]", "[people]")}, "tag"),
    ("check_api_description", {DOCUMENT: "paths: ["}, "linter"),
    ("check_paths", {"docs/a.md": "see /" "work/main\n"}, "path of one machine"),
    ("check_paths", {"src/a.cpp": '"/' 'root/.cache"\n'}, "path of one machine"),
    ("check_skips", {"src/a_test.cpp": "GTEST_" "SKIP();\n"}, "without a reason"),
    ("check_skips", {"src/a_test.cpp": "TEST(A, DISA" "BLED_b) {}\n"}, "without a reason"),
    ("check_skips", {"tests/test_a.py": "pytest." "skip()\n"}, "without a reason"),
    ("check_skips", {"tests/test_a.py": "@pytest.mark." "skip\ndef test(): pass\n"},
     "without a reason"),
    ("check_sleeps", {"src/base/clock_test.cpp": f"std::this_thread::{SLEEP}(1s);\n"}, "sleeps"),
    ("check_sleeps", {"tests/a.py": "time." "sleep(1)\n"}, "sleeps"),
    ("check_sleeps", {"tests/a.sh": "sleep" " 0.1\n"}, "sleeps"),
    ("check_format", {".clang-format": "BasedOnStyle: Google\n", "src/a.cpp": "int  a ;\n"},
     "not formatted"),
]


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def run_rule(rule: str, root: Path, *options: str) -> tuple[int, str]:
    result = subprocess.run([TOOLS / rule, "--root", root, *options], capture_output=True,
                            text=True, check=False)
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("rule", GOOD)
def test_a_good_tree_passes(rule, tmp_path):
    plant(tmp_path, GOOD[rule])
    assert run_rule(rule, tmp_path) == (0, "")


@pytest.mark.parametrize("rule, files, told", BAD)
def test_a_breach_is_caught(rule, files, told, tmp_path):
    plant(tmp_path, files)
    code, output = run_rule(rule, tmp_path)
    assert code == 1
    assert told in output


def test_every_rule_has_a_good_and_a_bad_tree():
    rules = {path.name for path in TOOLS.glob("check_*")} - {"check_tidy"}  # proved just below
    assert rules == set(GOOD) == {rule for rule, _, _ in BAD}


TIDY_SOURCE = "struct Point {\n  int x;\n};\nint sum(Point point) { return point.x; }\n"


@pytest.mark.parametrize("source, told", [
    (TIDY_SOURCE, ""),
    (TIDY_SOURCE.replace("sum", "LLVMFuzzerTestOneInput"), ""),
    (TIDY_SOURCE.replace("Point", "point_type"), "readability-identifier-naming"),
    (TIDY_SOURCE.replace("return point.x", "int unused; return point.x"), "unused"),
    (TIDY_SOURCE.replace("return", "retrun"), "error"),
])
def test_tidy_finds_what_it_should_and_remembers_what_is_clean(source, told, tmp_path):
    shutil.copy(TOOLS.parent / ".clang-tidy", tmp_path)
    plant(tmp_path, {"src/a.cpp": source})
    database = tmp_path / "compile_commands.json"
    database.write_text(f'[{{"directory": "{tmp_path}", "file": "{tmp_path}/src/a.cpp", '
                        f'"command": "clang++-19 -Wall -Werror -c {tmp_path}/src/a.cpp"}}]')
    code, output = run_rule("check_tidy", tmp_path, "--database", str(database))
    assert (code, told in output) == (1 if told else 0, True)
    assert len(list((tmp_path / "build" / "tidy-cache").iterdir())) == (0 if told else 1)
