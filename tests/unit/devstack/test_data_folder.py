"""Who may use a data folder, and starting over."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from devstack import data_folder
from devstack.startup_errors import StartupError


class Usage(NamedTuple):
    """What shutil.disk_usage says."""

    total: int
    used: int
    free: int


def test_a_new_folder_is_made_and_kept(tmp_path: Path) -> None:
    with data_folder.opened(tmp_path / "a" / "b") as folder:
        (folder / "kept").touch()

    with data_folder.opened(tmp_path / "a" / "b") as folder:
        assert (folder / "kept").exists()


def test_fresh_deletes_what_was_there(tmp_path: Path) -> None:
    with data_folder.opened(tmp_path) as folder:
        (folder / "kafka" / "logs").mkdir(parents=True)
        (folder / "secrets.json").touch()

    with data_folder.opened(tmp_path, fresh=True) as folder:
        assert [path.name for path in folder.iterdir()] == [data_folder.LOCK_NAME]


def test_fresh_does_not_follow_links_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    with data_folder.opened(tmp_path / "data") as folder:
        (folder / "link").symlink_to(outside)

    with data_folder.opened(tmp_path / "data", fresh=True):
        assert (outside / "precious").exists()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, *, fresh: bool) -> None:
    (tmp_path / "thesis.tex").touch()

    with (
        pytest.raises(StartupError, match="not a shop's data"),
        data_folder.opened(tmp_path, fresh=fresh),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_shops_cannot_share_a_folder(tmp_path: Path) -> None:
    with (
        data_folder.opened(tmp_path) as folder,
        pytest.raises(StartupError, match=r"Another shop \(process \d+\) runs on"),
        data_folder.opened(folder, fresh=True),
    ):
        pass


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with (
        pytest.raises(StartupError, match="cannot be a folder"),
        data_folder.opened(tmp_path / "data"),
    ):
        pass


def test_a_full_disk_says_how_much_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 5, 5))

    with (
        pytest.raises(StartupError, match=r"has 0 MB free and needs 537 MB"),
        data_folder.opened(tmp_path),
    ):
        pass


def test_nobody_else_may_look_into_it(tmp_path: Path) -> None:
    of_an_earlier_version = tmp_path / "data"
    of_an_earlier_version.mkdir(mode=0o755)

    with data_folder.opened(of_an_earlier_version) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700


def test_stopping_where_nothing_runs_says_so(tmp_path: Path) -> None:
    with data_folder.opened(tmp_path / "data"):
        pass

    for folder in (tmp_path / "data", tmp_path / "absent"):
        assert data_folder.stop(folder) == f"No shop runs on {folder}."
