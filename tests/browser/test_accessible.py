"""A lab by ear and by keyboard: what axe-core finds, one tab stop a slider, values as they are read off."""

from importlib import resources

import pytest

SERIOUS = {"serious", "critical"}
FIND = "box => axe.run(box, { resultTypes: ['violations'] }).then(found => found.violations)"


@pytest.fixture(scope="module")
def axe():
    """The rules of https://github.com/dequelabs/axe-core, which check a page while it is open."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def findings(lab, axe):
    """What is serious, each with the first element that it is about."""
    if not lab.page.evaluate("() => 'axe' in window"):
        lab.page.evaluate(axe)
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in lab.box.evaluate(FIND) if v["impact"] in SERIOUS]


def test_nothing_serious_is_found(labs, axe):
    assert {name: found for name, lab in labs() if (found := findings(lab, axe))} == {}


def test_a_slider_is_one_stop_and_says_its_value(labs):
    for name, lab in labs():
        rows = lab.box.locator(".widget-slider:visible")
        for row in (rows.nth(k) for k in range(rows.count())):
            stops = row.locator("[tabindex='0'], [contenteditable]:not([tabindex='-1'])").count()
            handle, said = row.locator(".noUi-handle"), row.locator(".widget-readout").inner_text()
            assert stops == 1, name
            assert handle.get_attribute("aria-valuetext") == said, name
            assert handle.get_attribute("aria-label") == row.locator(".widget-label").inner_text(), name


def test_a_handle_without_a_name_would_be_found(labs, axe):
    lab = next((lab for _, lab in labs() if lab.has_slider()), None)
    if lab is None:
        pytest.skip("no slider in this notebook")
    lab.handle.evaluate("handle => handle.removeAttribute('aria-label')")
    assert any("aria-input-field-name" in found for found in findings(lab, axe))
