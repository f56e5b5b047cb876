"""Who may import whom: the contracts of ``.importlinter``."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def test_contracts_are_kept():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_is_under_a_contract():
    rooms = {p.name for p in (CHECKOUT / "ptembed").iterdir() if p.is_dir() and list(p.glob("*.py"))}
    named = (CHECKOUT / ".importlinter").read_text()
    assert [room for room in sorted(rooms) if f"ptembed.{room}" not in named] == []
