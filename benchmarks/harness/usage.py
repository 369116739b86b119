"""What processes use, from /proc."""

from collections.abc import Mapping
from dataclasses import dataclass

import psutil

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Memory:
    """Resident memory in MB: all of it, and with shared pages divided among who shares them."""

    rss: float
    pss: float


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor time that each process has used until now, in seconds."""
    used = {}
    for name, family in _families(pids).items():
        times = [process.cpu_times() for process in family]
        used[name] = sum(each.user + each.system for each in times)
    return used


def memory(pids: Mapping[str, int]) -> dict[str, Memory]:
    """What each process holds now."""
    held = {}
    for name, family in _families(pids).items():
        infos = [process.memory_full_info() for process in family]
        rss, pss = sum(each.rss for each in infos), sum(each.pss for each in infos)
        held[name] = Memory(rss / MEGABYTE, pss / MEGABYTE)
    return held


def _families(pids: Mapping[str, int]) -> dict[str, list[psutil.Process]]:
    """Each process with those that it started, but for those that have a name themselves."""
    families = {}
    for name, pid in pids.items():
        process = psutil.Process(pid)
        started = [each for each in process.children() if each.pid not in pids.values()]
        families[name] = [process, *started]
    return families
