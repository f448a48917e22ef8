"""Files from buyers on disk, under their SHA-256. Written and synced before anything is acknowledged."""

import hashlib
import os
import tempfile
from pathlib import Path

from bot.errors import NotFound


class EvidenceFiles:
    """A folder of files named by what is in them: the same picture twice lies there once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, data: bytes) -> str:
        """Store `data` and return its SHA-256; when this returns the bytes survive a power cut."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.folder / digest
        if target.exists():
            return digest
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        # The new name itself must be on disk too.
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return digest

    def path(self, digest: str) -> Path:
        """Where the file lies. Raises NotFound for anything that is not a stored file's SHA-256."""
        path = self.folder / digest
        if len(digest) != 64 or not digest.isalnum() or not path.is_file():
            raise NotFound("no such file")
        return path
