"""What was not run is said at the end, and counts as a failure where `CI` is set."""

from __future__ import annotations

import os
from collections import Counter

import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of continuous integration in which a test was skipped."""
    if _reasons(session.config) and _counts_as_failure() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests were skipped, and why."""
    reasons = _reasons(config)
    if not reasons:
        return
    verdict = "this fails the run, because CI is set" if _counts_as_failure() else "nothing was proved by them"
    terminalreporter.section("skipped", sep="-")
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} × {reason}")
    terminalreporter.write_line(f"{sum(reasons.values())} skipped in all; {verdict}.")


def _counts_as_failure() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _reasons(config: pytest.Config) -> Counter[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return Counter(_reason(report) for report in skipped)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr
    sentence = told[2] if isinstance(told, tuple) else str(told)
    return sentence.removeprefix("Skipped: ")
