import numpy as np
import pytest

from oslab.lab.checks import one_of, whole


def test_whole_numbers_come_back_as_int():
    assert [type(whole("n", value, 0, 9)) for value in (0, 9, np.int64(3))] == [int] * 3


@pytest.mark.parametrize(("value", "limits", "kind", "message"), [
    (0, (), ValueError, "n=0: allowed are whole numbers from 1 up"), (10, (0, 9), ValueError, "n=10: .* from 0 to 9"),
    (-1, (0, 2**64 - 1), ValueError, r"from 0 to 2\*\*64 - 1"), (True, (), TypeError, "n=True"),
    (np.True_, (), TypeError, "n="), (1.0, (), TypeError, "n=1.0"), ("1", (), TypeError, "n='1'")])
def test_others_are_named(value, limits, kind, message):
    with pytest.raises(kind, match=message):
        whole("n", value, *limits)


def test_one_of_those_allowed():
    one_of("levels", 4, (4, 5))
    for wrong in (True, 3):
        with pytest.raises(ValueError, match=f"levels={wrong}: allowed are 1, 4"):
            one_of("levels", wrong, (1, 4))
