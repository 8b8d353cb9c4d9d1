"""What astro-aws writes into the AWS shared files, as botocore reads it.

`fixtures/aws-writer` holds the files before and after; that astro-aws writes exactly these is known from its own tests,
with the AWS SDK's reader as the judge. Here botocore judges the same bytes.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.configloader import build_profile_map, raw_config_parse
from botocore.exceptions import ConfigParseError

FIXTURE = Path(__file__).parents[2] / "fixtures" / "aws-writer" / "cases.json"
CASES = {case["name"]: case for case in json.loads(FIXTURE.read_text())}
EDITED = [name for name, case in CASES.items() if "after" in case]

# botocore fails on these files whatever is written into them.
UNREADABLE = {"a byte order mark", "only a byte order mark", "a Latin-1 comment", "a section twice", "a key twice"}
# botocore takes a comment behind a value for a part of it, before an edit and after it.
COMMENTED = {"a comment behind a value", "a value that is there"}


def read(folder: Path, case: dict[str, Any], state: str) -> dict[str, Any]:
    file = folder / "file"
    file.write_bytes(case[state].encode("latin-1"))
    raw = raw_config_parse(str(file))
    return build_profile_map(raw) if case["file"] == "config" else {"profiles": raw}


@pytest.mark.parametrize("name", [name for name in EDITED if name not in UNREADABLE])
def test_botocore_reads_the_entries_and_all_else_as_before(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    expected = copy.deepcopy(read(tmp_path, case, "before"))
    kind = "sso_sessions" if "sso_session" in case else "profiles"
    section = expected[kind].setdefault(case.get("sso_session") or case["profile"], {})
    comment = " # near" if name in COMMENTED else ""
    section.update({key: value + comment for key, value in case["entries"].items()})
    assert read(tmp_path, case, "after") == expected


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_botocore_cannot_read_it_could_not_read_before(name: str, tmp_path: Path) -> None:
    for state in ("before", "after"):
        with pytest.raises(ConfigParseError):
            read(tmp_path, CASES[name], state)
