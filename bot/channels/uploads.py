"""Files from buyers: small enough, and really what they say they are."""

import io
import re
import unicodedata
from pathlib import PurePosixPath

from PIL import Image, UnidentifiedImageError

from bot.channels.base import Upload
from bot.errors import BadInput
from bot.words import EvidenceKind

_IMAGES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif", "BMP": "image/bmp"}
_MAX_PIXELS = 80_000_000
"""Above what phones take; a picture that claims more would eat the memory of whoever opens it."""

_FTYP_IMAGES = {b"heic", b"heix", b"mif1", b"msf1", b"avif"}
"""Brands of ISO base media files that are still pictures (iPhones), not films."""

_KINDS = {"image": EvidenceKind.PHOTO, "video": EvidenceKind.VIDEO}


def check_upload(*, filename: str, content_type: str, data: bytes, max_bytes: int) -> Upload:
    """The file with its real type. Raises BadInput when it is empty, too big, broken or of a kind nobody can look at.

    A wrong extension or subtype is forgiven (phones do that); a film that says it is a picture is not.
    """
    if not data:
        raise BadInput("the file is empty", field="attachments")
    if len(data) > max_bytes:
        raise BadInput(f"the file is larger than {max_bytes} bytes", field="attachments")
    found = _content_type(data)
    if found is None:
        raise BadInput("only pictures, films, PDF and plain text can be taken", field="attachments")
    declared = content_type.split(";")[0].strip().lower()
    if declared not in ("", "application/octet-stream") and declared.split("/")[0] != found.split("/")[0]:
        raise BadInput(f"the file says {declared[:60]} but is {found}", field="attachments")
    kind = _KINDS.get(found.split("/")[0], EvidenceKind.DOCUMENT)
    return Upload(filename=safe_filename(filename), content_type=found, data=data, kind=kind)


def safe_filename(filename: str) -> str:
    """The last part of the name without control or direction characters, at most 120 characters."""
    last = PurePosixPath(filename.replace("\\", "/")).name
    clean = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return re.sub(r"\s+", " ", clean).strip(" .")[:120] or "file"


def _content_type(data: bytes) -> str | None:
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in _FTYP_IMAGES:
            return "image/avif" if brand == b"avif" else "image/heic"
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return _image_type(data) or _text_type(data)


def _image_type(data: bytes) -> str | None:
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_IMAGES)) as image:
            name = image.format or ""
            if image.width * image.height > _MAX_PIXELS:
                raise BadInput("the picture has too many pixels", field="attachments")
            image.verify()
    except UnidentifiedImageError:
        return None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadInput("the picture is broken", field="attachments") from None
    return _IMAGES[name]


def _text_type(data: bytes) -> str | None:
    if b"\x00" in data:
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "text/plain"
