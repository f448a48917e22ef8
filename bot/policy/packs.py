"""Reads rule packs from YAML; a wrong file is named with its line."""

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import PolicyError
from bot.policy.checks import check_shop
from bot.policy.rules import Packs, RulePack, Shop
from bot.words import Market

__all__ = ["Packs", "RulePack", "Shop", "check_shop", "load_packs"]

_Model = TypeVar("_Model", bound=BaseModel)


_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where it is there, is ten times as quick


class _Loader(_SafeLoader):  # type: ignore[misc]
    """YAML with only `true` and `false` as booleans: `en: no` and `yes:` are text, as their writer meant."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), list("tf"))

SHOP_FILE = "shop.yml"


def load_packs(folder: Path, *, strict: bool = True) -> Packs:
    """Every `<market>.yml` of `folder` with the promises of `shop.yml`.

    Raises PolicyError with file and line for a file that cannot be read, and, if `strict`, for a shop
    rule that takes away what the law gives (`check_shop` lists them all).
    """
    shop = _read(folder / SHOP_FILE, Shop)
    packs: dict[Market, RulePack] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.name == SHOP_FILE:
            continue
        pack = _read(path, RulePack)
        if path.stem != pack.market.value:
            raise PolicyError(f"this file is about market {pack.market.value}", file=str(path), line=1)
        promises = tuple(rule for rule in shop.rules if not rule.markets or pack.market in rule.markets)
        packs[pack.market] = pack.model_copy(update={"promises": promises})
    if not packs:
        raise PolicyError("no rule pack here", file=str(folder), line=1)
    loaded = Packs(packs=packs, shop=shop)
    if strict and (wrong := check_shop(loaded)):
        raise PolicyError(
            "; ".join(wrong), file=str(folder / SHOP_FILE), line=_line_of_rule(folder / SHOP_FILE, wrong[0])
        )
    return loaded


def _read(path: Path, model: type[_Model]) -> _Model:
    try:
        text = path.read_text(encoding="utf-8")
        loader = _Loader(text)
        root = loader.get_single_node()
        data = loader.construct_document(root) if root is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(f"not YAML: {error.problem}", file=str(path), line=line) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PolicyError(f"cannot be read: {error}", file=str(path), line=1) from None
    if not isinstance(data, dict) or root is None:
        raise PolicyError("a pack is a mapping", file=str(path), line=1)
    _check_unique(root, path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        line = _line(root, first["loc"])
        raise PolicyError(f"{where}: {first['msg']}", file=str(path), line=line) from None


def _check_unique(node: yaml.Node, path: Path) -> None:
    """Refuse a key given twice and a rule id given twice: YAML itself keeps the last one in silence."""
    if isinstance(node, yaml.SequenceNode):
        ids: set[str] = set()
        for child in node.value:
            _check_unique(child, path)
            name = _scalar(child, "id")
            if name and name in ids:
                raise PolicyError(f"rule {name} is there twice", file=str(path), line=child.start_mark.line + 1)
            ids.add(name)
    elif isinstance(node, yaml.MappingNode):
        keys: set[Any] = set()
        for key, value in node.value:
            if key.value in keys:
                raise PolicyError(f"key {key.value} is there twice", file=str(path), line=key.start_mark.line + 1)
            keys.add(key.value)
            _check_unique(value, path)


def _scalar(node: yaml.Node, key: str) -> str:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return ""


def _line(node: yaml.Node, location: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest part of `location` that the file has."""
    line = node.start_mark.line + 1
    for part in location:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, child = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        if child is None:
            return line
        node = child
    return line


def _line_of_rule(path: Path, message: str) -> int:
    """The line of the rule a message of `check_shop` begins with, else the first."""
    name = message.split(":", 1)[0]
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if text.strip() in (f"- id: {name}", f"{name}:"):
            return number
    return 1
