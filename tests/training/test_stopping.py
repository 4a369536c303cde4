"""Ctrl-C: the first is noted, the second stops at once."""

import signal
import threading

import pytest

from regard.training.stopping import SIGNALS, Stopping


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_only_noted(number: signal.Signals) -> None:
    with Stopping() as stopping:
        assert not stopping
        signal.raise_signal(number)
        assert stopping


def test_the_second_signal_stops_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), Stopping():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)


def test_the_handlers_of_before_are_put_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Stopping():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_in_another_thread_nothing_is_handled_and_nothing_fails() -> None:
    seen: list[bool] = []

    def work() -> None:
        with Stopping() as stopping:
            seen.append(bool(stopping))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
