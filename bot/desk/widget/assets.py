"""/widget.js: the parts under static/src joined into one script, with no build step."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_PARTS = ("texts.js", "dom.js", "store.js", "link.js", "upload.js", "transcript.js", "widget.js", "main.js")
"""In the order of use: everything shares one function scope and nothing leaks into the shop's page."""


@dataclass(frozen=True, slots=True)
class Script:
    """The script as it is served; `etag` changes whenever a byte of it does."""

    body: bytes
    zipped: bytes
    etag: str


@lru_cache(maxsize=4)
def widget_script(upload_max_bytes: int) -> Script:
    """The whole widget, style sheet included, with the limit the server will hold uploads to."""
    source = STATIC / "src"
    css = (source / "widget.css").read_text("utf-8")
    parts = [(source / name).read_text("utf-8") for name in _PARTS]
    limit = f"{upload_max_bytes / 1_000_000:g}"
    joined = "\n".join(parts).replace("__MAX_MB__", limit)
    body = f'(() => {{\n"use strict";\nconst CSS = {json.dumps(css)};\n{joined}\n}})();\n'.encode()
    # mtime=0: the same source gives the same bytes on every machine.
    zipped = gzip.compress(body, 9, mtime=0)
    return Script(body, zipped, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
