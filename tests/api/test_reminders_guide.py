"""The templates that docs/reminders.md shows are taken as they stand there."""

import json
import re

from callboard import ROOT, expect_ok

GUIDE = ROOT / "docs/reminders.md"


def test_the_guides_templates_are_taken(app):
    examples = re.findall(r"```json\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 2
    for example in map(json.loads, examples):
        changes = {"message_template": example, "moved_template": example}
        shown = expect_ok(app.operator("PATCH", f"{app.console}/settings", changes))
        assert (shown["message_template"], shown["moved_template"]) == (example, example)
