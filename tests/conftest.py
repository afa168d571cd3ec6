"""For every folder of tests: where their helpers lie, and which tests are of one database alone."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "api"), str(HERE / "support")]


def pytest_configure(config):
    config.addinivalue_line("markers", "sqlite: of SQLite's own ways; left out on PostgreSQL")


def pytest_collection_modifyitems(config, items):
    if "CALLBOARD_TEST_POSTGRES" not in os.environ:
        return
    left_out = [item for item in items if item.get_closest_marker("sqlite")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
