"""What processes have used, read from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(leader: int) -> float:
    """Of a process, its children that live and those that have ended."""
    return sum(_own_seconds(pid) for pid in family(leader)) + _ended_seconds(leader)


def family(leader: int) -> list[int]:
    """The process and everything below it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _fields(stat)
        if fields:
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))

    def walk(pid: int) -> Iterator[int]:
        yield pid
        for child in children.get(pid, []):
            yield from walk(child)

    return list(walk(leader))


def memory_mb(pid: int) -> float:
    """Resident memory in MB, what is shared with others included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def _own_seconds(pid: int) -> float:
    fields = _fields(Path(f"/proc/{pid}/stat"))
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND if fields else 0


def _ended_seconds(pid: int) -> float:
    fields = _fields(Path(f"/proc/{pid}/stat"))
    return (int(fields[13]) + int(fields[14])) / _TICKS_PER_SECOND if fields else 0


def _fields(stat: Path) -> list[str]:
    """From the state on; the name before it is in brackets and may hold anything. [] if gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return []
