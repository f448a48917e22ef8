"""What the documentation says exists, and what exists is documented."""

import re

import pytest
from typer.main import get_command

from bot.cli import app
from bot.settings import ROOT, Settings

READMES = ["README.md", "README.zh.md"]


def test_every_setting_stands_in_the_operators_table_and_no_other() -> None:
    table = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")

    documented = set(re.findall(r"^\| `(REFUNDDESK_[A-Z_]+)` \|", table, flags=re.MULTILINE))

    assert documented == {f"REFUNDDESK_{name.upper()}" for name in Settings.model_fields}


def test_every_command_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"refunddesk {name}" in readme


@pytest.mark.parametrize("readme", READMES)
def test_every_path_and_link_of_the_readme_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")

    links = {link for link in re.findall(r"\]\(([^)#]+)\)", text) if not link.startswith("http")}
    rows = re.findall(r"^\| (`[^|]+`) \|", text, flags=re.MULTILINE)
    paths = {path for row in rows for path in re.findall(r"`([^` ]+)`", row) if "/" in path or path.endswith(".yml")}

    missing = [path for path in links | paths if not (ROOT / path).exists()]
    assert missing == []
