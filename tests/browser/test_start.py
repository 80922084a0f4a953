"""The button of a chapter's first cell: it runs every cell, and the page stays at the top, whatever has run before."""

import nbformat
import pytest

from oslab.course.start import Start
from tests.browser.sheet import Sheet

SCREEN = {"width": 1280, "height": 720}
CODE = "from oslab import explore, memory, start_chapter\n\nstart_chapter()"
LAST = "print('the last ' + 'cell has run')"
AT_TOP = "() => document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer').scrollTop < 5"


@pytest.fixture
def sheet(browser, server):
    """A long notebook as it is stored: the button's stand-in in the first cell, nothing run."""
    bundle = Start()._repr_mimebundle_()
    still = nbformat.v4.new_output("display_data", {kind: bundle[kind] for kind in ("text/html", "text/plain")})
    text = [nbformat.v4.new_markdown_cell("# Long\n" + "\n\n".join("a line" for _ in range(40))) for _ in range(6)]
    first, last = nbformat.v4.new_code_cell(CODE, outputs=[still]), nbformat.v4.new_code_cell(LAST)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # without it JupyterLab asks for one
    nbformat.write(nbformat.v4.new_notebook(cells=[first, *text, last], metadata=kernel), server.folder / "long.ipynb")
    server.stop_kernels()
    page = browser.new_page(viewport=SCREEN)
    opened = Sheet(page, server, "long.ipynb")
    opened.open()
    yield opened
    page.close()


def ran(sheet, times):
    sheet.page.wait_for_function(
        "n => jupyterapp.shell.currentWidget.content.widgets.at(-1).model.executionCount >= n", arg=2 * times
    )


def test_it_runs_all_and_stays_at_the_top(sheet, screenshots):
    page, button = sheet.page, sheet.page.get_by_role("button", name="start this chapter")
    button.wait_for()
    page.screenshot(path=screenshots / "start-before.png")
    button.click()
    asks = page.locator(".jp-Dialog .jp-mod-accept")
    asks.wait_for()  # JupyterLab asks once, of a notebook that it does not know
    asks.click()
    ran(sheet, 1)
    page.wait_for_function(AT_TOP)
    button.wait_for()
    page.screenshot(path=screenshots / "start-after.png")
    page.wait_for_timeout(500)
    assert page.evaluate(AT_TOP) and button.is_visible()
    active = page.evaluate("() => jupyterapp.shell.currentWidget.content.activeCellIndex")
    assert active == 0

    button.click()  # now its cell was run here: nothing is asked
    ran(sheet, 2)
    page.wait_for_function(AT_TOP)
    assert page.locator(".jp-Dialog").count() == 0

    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")  # from the menu
    ran(sheet, 3)
    page.wait_for_function(AT_TOP)
    page.mouse.move(640, 400)
    page.mouse.wheel(0, 600)  # and whoever scrolls is let go
    page.wait_for_timeout(600)
    assert not page.evaluate(AT_TOP)
    assert sheet.errors == [] and sheet.broken() == []
