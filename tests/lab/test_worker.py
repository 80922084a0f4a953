"""Long work in a thread: stop waits, a new job begins only when the one before has stopped."""

import threading
import time

import pytest

from oslab.lab.worker import Worker


class Log:
    def __init__(self):
        self.data, self.errors, self.ends, self.shares = [], [], [], []
        self.worker = Worker(self.shares.append, self.errors.append, self.ends.append)

    def take(self, data, done):
        self.data.append((data, done))


@pytest.fixture
def log():
    log = Log()
    yield log
    log.worker.stop(5)


def slow(name, running, seconds=0.05):
    """Yield until stopped; `running` counts how many are under way at a time."""
    running.append(name)
    assert len(running) == 1, "two jobs at a time"
    try:
        for k in range(200):
            time.sleep(seconds / 10)
            yield k / 200
    finally:
        running.remove(name)


def test_stop_waits_until_it_has_stopped(log):
    running = []
    log.worker.start(slow, log.take, name="a", running=running)
    while not running:
        time.sleep(0.001)
    assert log.worker.running and not log.worker.stopping
    log.worker.stop()
    assert not running and not log.worker.running and log.ends == [True] and log.data == [] and log.errors == []


def test_jobs_never_overlap_and_the_last_one_asked_for_runs(log):
    running = []
    for name in "abcdef":
        log.worker.start(slow, log.take, name=name, running=running)
        time.sleep(0.004)
    log.worker.start(lambda x: x, log.take, x=7)
    log.worker.join(5)
    assert log.data == [(7, True)] and log.errors == [] and log.ends == [False]


def test_partial_results_then_all(log):
    def job():
        yield 0.5
        yield [1]
        yield [1, 2]

    log.worker.start(job, log.take)
    log.worker.join(5)
    assert log.data == [([1], False), ([1, 2], False), ([1, 2], True)] and log.shares == [0.5]


def test_an_error_is_told_unless_it_was_stopped(log):
    stopped = threading.Event()

    def bad():
        stopped.wait(5)
        raise OSError("no")

    log.worker.start(bad, log.take)
    log.worker.stop(wait=0)
    stopped.set()
    log.worker.join(5)
    assert log.errors == []
    log.worker.start(bad, log.take)
    log.worker.join(5)
    assert [str(e) for e in log.errors] == ["no"]


def test_a_job_may_run_in_the_calling_thread(log):
    running = []
    log.worker.start(slow, log.take, name="a", running=running)
    log.worker.run(lambda: threading.current_thread(), log.take)
    assert log.data == [(threading.current_thread(), True)] and not running
