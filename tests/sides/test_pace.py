from __future__ import annotations

import contextlib
import threading

from hypothesis import given
from hypothesis import strategies as st
from tests.sides.notion_world import START, VirtualClock

from notionsync.sides.notion.pace import Pace


def send(pace: Pace, clock: VirtualClock, count: int) -> list[float]:
    """Return when each of the next requests was let through."""
    times = []
    for _ in range(count):
        pace.wait()
        times.append(clock.monotonic())
    return times


@given(per_minute=st.integers(1, 700), idle=st.lists(st.floats(0, 90), max_size=8))
def test_no_minute_holds_more_than_its_share(per_minute: int, idle: list[float]) -> None:
    """However requests and pauses alternate, any 60 seconds see at most `per_minute` requests."""
    clock = VirtualClock()
    pace = Pace(per_minute, clock)
    times = []
    for pause in [*idle, 0.0]:
        clock.sleep(pause)
        times += send(pace, clock, per_minute)
    for first, beyond in zip(times, times[per_minute:], strict=False):
        assert beyond - first >= 60 - 1e-4


def test_a_long_run_costs_at_most_a_tenth_more_than_the_pace() -> None:
    """Wall time of many requests stays within 1.1 × requests ÷ pace."""
    clock = VirtualClock()
    send(Pace(180, clock), clock, 3000)
    assert clock.time - START <= 1.1 * 3000 / 3


def test_a_short_run_does_not_wait() -> None:
    """The requests of a run with nothing to do go at once."""
    clock = VirtualClock()
    send(Pace(180, clock), clock, 6)
    assert clock.time == START


def test_a_named_time_closes_the_door_for_everybody() -> None:
    """After the service asked for 30 seconds nothing passes before they are over."""
    clock = VirtualClock()
    pace = Pace(180, clock)
    pace.close_for(30)
    pace.close_for(5)
    assert send(pace, clock, 1) == [START + 30]


def test_complaints_slow_down_and_success_recovers() -> None:
    """Complaints within a second count once; the full pace comes back with success."""
    clock = VirtualClock()
    pace = Pace(180, clock)
    for _ in range(3):
        pace.slow_down()
    assert pace.speed == 0.5
    for _ in range(10):
        clock.sleep(2)
        pace.slow_down()
    assert pace.speed == 1 / 16
    for _ in range(100):
        pace.speed_up()
    assert pace.speed == 1.0


def test_half_the_speed_takes_twice_the_time() -> None:
    """What the speed says is what the requests see."""
    clock = VirtualClock()
    pace = Pace(180, clock)
    send(pace, clock, 100)
    started = clock.time
    send(pace, clock, 100)
    full = clock.time - started
    pace.slow_down()
    started = clock.time
    send(pace, clock, 100)
    assert 1.9 <= (clock.time - started) / full <= 2.2


def test_threads_share_one_bucket() -> None:
    """While time stands still four threads together get through as many requests as one burst holds."""

    class FullError(Exception):
        pass

    class Stopped(VirtualClock):
        def sleep(self, seconds: float) -> None:
            raise FullError(seconds)

    pace = Pace(180, Stopped())
    passed: list[int] = []

    def run() -> None:
        with contextlib.suppress(FullError):
            for n in range(100):
                pace.wait()
                passed.append(n)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 9
