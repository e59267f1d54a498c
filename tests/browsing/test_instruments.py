"""The browser's instruments see what they are there to see."""

from __future__ import annotations

import pytest

from tests.accessible import axe, contrast
from tests.browser import OpenPage

pytestmark = pytest.mark.browser

PALE = "<html lang=en><title>Pale</title><main><h1>Pale</h1><p style='color:#aaa;background:#fff'>Pale words</p></main>"


def test_an_image_without_words_is_not_accessible(open_page: OpenPage) -> None:
    page = open_page()
    page.set_content("<html lang=en><title>Bare</title><main><h1>Bare</h1><img src='data:,'></main>")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


def test_pale_words_are_not_accessible(open_page: OpenPage) -> None:
    page = open_page()
    page.set_content(PALE)
    with pytest.raises(AssertionError, match="color-contrast"):
        contrast(page)
