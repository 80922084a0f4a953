"""Series: where they come from, in words."""

from oslab.lab.series import Series


def test_the_place_of_a_measurement_in_a_sentence():
    assert Series("a", [1], [2], "s", origin="this machine", machine="m").place == "here"
    assert Series("a", [1], [2], "s", origin="recorded", machine="Zen 4", date="2026-01-02").place == "on a Zen 4, 2026-01-02"
