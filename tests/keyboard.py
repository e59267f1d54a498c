"""A page used with the keyboard alone: Tab, Shift+Tab, Enter, Space, arrow keys and typing, as a person does."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from haln.people.demonstration.signins import PASSWORD

Role = Literal["link", "button", "textbox", "searchbox", "spinbutton", "checkbox", "radio", "combobox"]
Name = str | re.Pattern[str]

MOST_TABS = 250
BEHIND = """control => document.activeElement !== document.body
  && !!(control.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING)"""
FOCUSED = "control => control === document.activeElement"
SHOWN = "control => control.matches(':focus-visible') && control.getClientRects().length > 0"


class Keyboard:
    """The hands of somebody who has no mouse. Controls are named as a screen reader names them."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, role: Role, name: Name, within: str = "body") -> Locator:
        """Tab, or Shift+Tab for what lies behind, until the control with this name has the focus."""
        return self._reach(self._control(role, name, within), f"{role} “{name}”")

    def press(self, role: Role, name: Name, within: str = "body") -> None:
        """Reach a link or a button, and press Enter."""
        self.reach(role, name, within)
        self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()

    def skip_to_main(self) -> None:
        """Go past the navigation by the page's first link."""
        self.press("link", "Skip to the main content")

    def tick(self, name: Name) -> None:
        """Reach a checkbox, and tick it with Space."""
        box = self.reach("checkbox", name)
        self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def write(self, name: Name, words: str, role: Role = "textbox") -> None:
        """Reach a field, and type over what stands in it."""
        field = self.reach(role, name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)
        expect(field).to_have_value(words)

    def write_day(self, label: str, day: date) -> None:
        """Type a day; which part comes first is the browser's language to say."""
        field = self._reach(self.page.get_by_label(label), f"the day “{label}”")
        for keys in (day.strftime("%d%m%Y"), day.strftime("%m%d%Y")):
            for _part in range(3):
                self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(keys)
            if field.input_value() == day.isoformat():
                return
        raise AssertionError(f"“{label}” says {field.input_value()}, not {day}")

    def write_hour(self, label: str, hour: str) -> None:
        """Type an hour like 09:30, in a browser that counts to 24 or to 12."""
        field = self._reach(self.page.get_by_label(label), f"the hour “{label}”")
        for _part in range(3):
            self.page.keyboard.press("ArrowLeft")
        hours, minutes = hour.split(":")
        half = "PM" if int(hours) >= 12 else "AM"
        for keys in (hours + minutes, f"{(int(hours) + 11) % 12 + 1:02}{minutes}{half}"):
            for _part in range(3):
                self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(keys)
            if field.input_value() == hour:
                return
        raise AssertionError(f"“{label}” says {field.input_value()}, not {hour}")

    def choose(self, label: str, option: str) -> None:
        """Reach a list, and type what is wanted until it is chosen."""
        field = self.reach("combobox", label)
        self.page.keyboard.type(option)
        expect(field.locator("option:checked")).to_have_text(option)

    def arrow_to(self, name: Name, within: str = "body") -> None:
        """Reach a group of radio buttons at the one that is chosen, and go to another with the arrow keys."""
        wanted = self._control("radio", name, within).first
        group = str(wanted.get_attribute("name"))
        self._reach(self.page.locator(f"input[name='{group}']:checked"), f"the choice of {group}")
        for _one in range(20):
            if wanted.evaluate(FOCUSED):
                break
            self.page.keyboard.press("ArrowRight")
        expect(wanted).to_be_checked()

    def sign_in(self, address: str) -> None:
        """Sign in by the form."""
        self.page.goto("/sign-in")
        self.write("E-mail address", address)
        self._reach(self.page.get_by_label("Password", exact=True), "the password")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def _control(self, role: Role, name: Name, within: str) -> Locator:
        return self.page.locator(within).get_by_role(role, name=name, exact=isinstance(name, str))

    def _reach(self, control: Locator, called: str) -> Locator:
        control = control.first
        control.wait_for()
        found = control.element_handle()  # to look for it by its name after each key took longer than the keys
        key = "Shift+Tab" if found.evaluate(BEHIND) else "Tab"
        for _tab in range(MOST_TABS):
            if found.evaluate(FOCUSED):
                assert found.evaluate(SHOWN), f"the focus on {called} cannot be seen: {self.page.url}"
                return control
            self.page.keyboard.press(key)
        raise AssertionError(f"{called} cannot be reached with Tab: {self.page.url}")
