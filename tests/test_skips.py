"""The rule about tests that were not run."""

from __future__ import annotations

import pytest

ONE_SKIPPED = """
    import pytest

    def test_that_runs():
        pass

    def test_that_needs_a_machine():
        pytest.skip("there is no machine")
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A small suite of its own, with the same rule."""
    pytester.makepyfile(ONE_SKIPPED)
    return pytester


def test_a_skipped_test_is_reported_with_its_reason(run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = run.runpytest_inprocess("-p", "tests.skips")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["1 × there is no machine", "1 skipped in all; nothing was proved by them."])


def test_a_skipped_test_fails_continuous_integration(run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = run.runpytest_inprocess("-p", "tests.skips")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["1 skipped in all; this fails the run, because CI is set."])


def test_a_run_without_skips_passes_continuous_integration(
    run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = run.runpytest_inprocess("-p", "tests.skips", "-k", "that_runs")
    assert result.ret == pytest.ExitCode.OK
