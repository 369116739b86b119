"""Whether something that starts still gets somewhere.

A slow or busy machine takes its time, and a limit on the time would fail it for that. So what
counts is work: a process that computes, or waits for another of the stack that starts meanwhile,
is getting somewhere. One that does neither is stuck, and so is one that computes without end.
"""

# What counts as work done: more than a process uses that only looks whether a server is there.
STEP_SECONDS = 2.0
# Many times what the slowest server uses to start.
MOST_SECONDS = 600.0


class StallDetector:
    """The progress of one start.

    Args:
        stuck_seconds: how long nothing may happen.
    """

    def __init__(self, stuck_seconds: float) -> None:
        self._stuck_seconds = stuck_seconds
        self._moved_at: float | None = None
        self._cpu_seconds = 0.0
        self._well = 0

    def is_stuck(self, now: float, cpu_seconds: float, well: int) -> bool:
        """Whether there has been no progress for too long.

        Args:
            now: a monotonic time, in seconds.
            cpu_seconds: the processor time that the process has used until now.
            well: how many processes of the stack are healthy.
        """
        worked = cpu_seconds >= self._cpu_seconds + STEP_SECONDS
        if self._moved_at is None or worked or well > self._well:
            self._moved_at = now
            self._cpu_seconds = cpu_seconds
            self._well = well
        return now - self._moved_at > self._stuck_seconds or cpu_seconds > MOST_SECONDS
