"""Without Chromium the browser tests are skipped one by one, and in CI they fail."""

import pytest

from tests.pages import conftest


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_a_missing_chromium_is_told(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(conftest, "find_chromium", lambda: None)
    with pytest.raises(outcome, match="Chromium is missing"):
        conftest.chromium()
