"""Files lie under their hash, once."""

import hashlib
from pathlib import Path

import pytest

from bot.errors import NotFound
from bot.storage.evidence import EvidenceFiles


def test_a_file_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    files = EvidenceFiles(tmp_path / "evidence")
    digest = files.save(b"a picture")
    assert digest == hashlib.sha256(b"a picture").hexdigest()
    assert files.save(b"a picture") == digest
    assert [path.name for path in files.folder.iterdir()] == [digest]
    assert files.path(digest).read_bytes() == b"a picture"


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "0" * 64, "/" * 64])
def test_anything_else_is_not_found(digest: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        EvidenceFiles(tmp_path).path(digest)
