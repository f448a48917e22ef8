"""A Chromium for the tests: finds one, or installs one (`python tests/browser.py --install`)."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PACKAGES = ("chromium", "fonts-noto-cjk")


def chromium_path() -> str | None:
    """A Chromium on this machine: $CHROMIUM, Debian's or another system's, or Playwright's own; None without one."""
    if (given := os.environ.get("CHROMIUM")) and Path(given).is_file():
        return given
    if found := next((path for name in _NAMES if (path := shutil.which(name))), None):
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless browser that fetches nothing of its own."""
    path = chromium_path()
    if path is None:
        raise RuntimeError("no Chromium was found: run `make browser`, or name one with CHROMIUM=/path/to/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def has_chinese_font() -> bool:
    """Whether Chinese is drawn as characters, not as boxes; without fontconfig nobody can tell: yes."""
    if shutil.which("fc-list") is None:
        return True
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def install() -> int:
    """Install what is missing; 0 when a browser and a Chinese font are there, else 1 and a sentence about it."""
    if chromium_path() is None or not has_chinese_font():
        _install_packages()
    if chromium_path() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    path = chromium_path()
    if path is None:
        print(
            "No Chromium: install one (Debian: apt-get install chromium), or name it with CHROMIUM=.", file=sys.stderr
        )
        return 1
    if not has_chinese_font():
        print("No Chinese font: install one (Debian: apt-get install fonts-noto-cjk).", file=sys.stderr)
        return 1
    print(f"browser: {path}")
    return 0


def _install_packages() -> None:
    """Debian and its relatives, as root or with a sudo that asks nothing."""
    if shutil.which("apt-get") is None:
        return
    if os.geteuid() == 0:
        before: list[str] = []
    elif (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        before = ["sudo", "-n"]
    else:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*before, "apt-get", "update", "-qq"], env=environment, check=False)
    subprocess.run(
        [*before, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *_PACKAGES],
        env=environment,
        check=False,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="install a Chromium and a Chinese font when missing")
    if parser.parse_args().install:
        return install()
    path = chromium_path()
    print(path or "none")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
