"""A file is what its bytes are."""

import io

import pytest
from PIL import Image

from bot.channels.uploads import check_upload, safe_filename
from bot.errors import BadInput
from bot.words import EvidenceKind

MP4 = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 16
HEIC = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 16


def picture(kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (20, 20), (200, 30, 30)).save(data, kind)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "declared", "found", "kind"),
    [
        (picture("PNG"), "image/png", "image/png", EvidenceKind.PHOTO),
        (picture("JPEG"), "image/png", "image/jpeg", EvidenceKind.PHOTO),
        (picture("WEBP"), "", "image/webp", EvidenceKind.PHOTO),
        (picture("GIF"), "application/octet-stream", "image/gif", EvidenceKind.PHOTO),
        (HEIC, "image/heic", "image/heic", EvidenceKind.PHOTO),
        (MP4, "video/mp4", "video/mp4", EvidenceKind.VIDEO),
        (b"\x1a\x45\xdf\xa3rest", "video/webm; codecs=vp9", "video/webm", EvidenceKind.VIDEO),
        (b"%PDF-1.7 ...", "application/pdf", "application/pdf", EvidenceKind.DOCUMENT),
        ("收到的货是坏的".encode(), "text/plain", "text/plain", EvidenceKind.DOCUMENT),
    ],
)
def test_the_real_type_is_found(data: bytes, declared: str, found: str, kind: EvidenceKind) -> None:
    upload = check_upload(filename="a.bin", content_type=declared, data=data, max_bytes=10_000)
    assert (upload.content_type, upload.kind, upload.size) == (found, kind, len(data))


@pytest.mark.parametrize(
    ("_case", "data", "declared"),
    [
        ("empty", b"", "image/png"),
        ("too big", picture() + b"\x00" * 10_000, "image/png"),
        ("broken picture", picture("PNG")[:40], "image/png"),
        ("text as picture", b"<svg onload=alert(1)>", "image/svg+xml"),
        ("picture as film", picture(), "video/mp4"),
        ("program", b"MZ\x90\x00\x03\x00\x00\x00", "application/octet-stream"),
        ("not UTF-8", b"\xff\xfe\xfa", "text/plain"),
    ],
)
def test_anything_else_is_refused(_case: str, data: bytes, declared: str) -> None:
    with pytest.raises(BadInput):
        check_upload(filename="a", content_type=declared, data=data, max_bytes=10_000)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\图片 1.png", "图片 1.png"),
        ("\u202egnp.exe\x00", "gnp.exe"),
        ("..", "file"),
        ("", "file"),
        ("a" * 300 + ".png", "a" * 120),
    ],
)
def test_names_are_made_harmless(name: str, safe: str) -> None:
    assert safe_filename(name) == safe
