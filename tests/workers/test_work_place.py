"""What a killed worker leaves behind is removed by the next one; what a living worker has is left alone."""

import subprocess
import sys
from pathlib import Path

from workers.work_place import WorkPlace, lock_of

HOLD = """
import sys
from pathlib import Path
from workers.work_place import WorkPlace
place = WorkPlace(Path(sys.argv[1]), "other")
place.open()
(place.directory / "job").mkdir()
print("ready", flush=True)
sys.stdin.read()
"""


def other_worker(root: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_the_directories_of_a_killed_worker_are_removed(tmp_path: Path) -> None:
    process = other_worker(tmp_path)
    living = WorkPlace(tmp_path, "first")
    living.open()
    assert (tmp_path / "other" / "job").is_dir()
    process.kill()
    process.wait()
    (tmp_path / "of-an-older-release").mkdir()
    WorkPlace(tmp_path, "second").open()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "first.lock", "second", "second.lock"]


def test_closing_leaves_nothing(tmp_path: Path) -> None:
    place = WorkPlace(tmp_path / "new", "one")
    place.open()
    (place.directory / "job").mkdir()
    place.close()
    assert not place.directory.exists()
    assert not lock_of(place.directory).exists()
