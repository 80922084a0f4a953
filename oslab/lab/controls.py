"""Controls: from the abbreviations that users know from `interact` to widgets with units, and back to values."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import ipywidgets as widgets
from ipywidgets import ValueWidget
from ipywidgets.widgets.interaction import interactive
from traitlets import validate

from oslab.base import Parameter, Registry, readable
from oslab.lab.buttons import FileField
from oslab.picture.displayed import close_all

__all__ = ["Panel", "slider", "text_area"]

WIDTH = "396px"
LONG_TEXT = 48  # characters; a longer one takes a row of its own
STYLE = {"description_width": "150px"}
LETTER, LABEL_MOST = 7.4, 190  # CSS pixels: of a label's letter on average, of the widest label
ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)  # the stops of a logarithmic slider, in each decade
STEPS = tuple(map(Decimal, ("5", "2.5", "2", "1")))  # round steps of a linear one, in each decade
MOST_STEPS = 120


@dataclass(frozen=True)
class SliderSpec:
    """A slider to be made; see `slider`."""

    low: float
    high: float
    step: float | None
    unit: str
    log: bool
    help: str

    @property
    def whole(self) -> bool:
        return not any(isinstance(v, float) for v in (self.low, self.high, self.step))


def slider(
    low: float, high: float, step: float | None = None, *, unit: str = "", log: bool = False, help: str = ""
) -> SliderSpec:
    """Describe a slider; it gives integers unless a bound or the step is a float.

    Parameters
    ----------
    low, high : int or float
        Both can be reached.
    step : int or float, optional
        1 for integers; for floats the least round one of which at most 120 make up the range.
    unit : str
        Shown in the label.
    log : bool
        Move by powers of two between powers of two, else by round values (1, 1.2, 1.5, 2, 2.5, 3, 4 …); one that
        starts at 0 goes on with 1.
    help : str
        Shown when the pointer rests on the label.

    Raises
    ------
    ValueError
        A range that is empty, or one that a logarithmic slider cannot span.
    """
    if not low < high:
        raise ValueError(f"low={low!r}, high={high!r}: low must be less than high")
    if log and low < 0:
        raise ValueError(f"low={low!r}: a logarithmic slider starts at 0 or above")
    return SliderSpec(low, high, step, unit, log, help)


@dataclass(frozen=True)
class TextArea:
    """A field for a text of several lines, to be made; see `text_area`."""

    rows: int


def text_area(rows: int = 5) -> TextArea:
    """Describe a field for a text of several lines; the picture follows when it is left."""
    return TextArea(rows)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _log_values(spec: SliderSpec, default: Any) -> list[float]:
    """The values of a logarithmic slider: powers of two between powers of two, else round values; ends and default."""
    low = spec.low or 1
    if all(math.log2(end).is_integer() for end in (low, spec.high)):
        found = {2.0**k for k in range(round(math.log2(low)), round(math.log2(spec.high)) + 1)}
    else:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(spec.high)) + 1)
        found = {float(f"{first}e{k}") for k in decades for first in ROUND}
    found |= {spec.low, spec.high} | ({default} if default is not None and spec.low <= default <= spec.high else set())
    inside = sorted(v for v in found if spec.low <= v <= spec.high)
    return [int(v) for v in inside if v == int(v)] if spec.whole else inside


def _step(spec: SliderSpec, default: float) -> float:
    """The step of a linear slider: the one given, or the least round one that leaves at most 120 of them.

    Raises
    ------
    ValueError
        An end or the default that does not lie on the grid.
    """
    low, others = _decimal(spec.low), [_decimal(v) - _decimal(spec.low) for v in (spec.high, default)]
    if spec.step is None and spec.whole:
        return 1
    least = (_decimal(spec.high) - low) / MOST_STEPS
    round_steps = sorted(first.scaleb(least.adjusted() + k) for k in (-1, 0, 1) for first in STEPS)
    tried = [s for s in round_steps if s >= least] + [s for s in reversed(round_steps) if s < least]
    if spec.step is not None:
        tried = [_decimal(spec.step)]
    for step in tried:
        if all(span % step == 0 for span in others):
            return int(step) if spec.whole else float(step)
    raise ValueError(
        f"low={spec.low!r}, high={spec.high!r}, step={spec.step!r}: {default!r} and both ends must lie on the slider's grid"
    )


class GridSlider(widgets.FloatSlider):
    """A slider of floats whose value always lies on its grid: 4.0, never 3.9999999999999996."""

    @validate("value")
    def _validate_value(self, proposal: Any) -> float:
        low, step = _decimal(self.min), _decimal(self.step)
        steps = round((_decimal(min(max(proposal["value"], self.min), self.max)) - low) / step)
        return float(low + steps * step)


def _slider_widget(spec: SliderSpec, default: Any) -> ValueWidget:
    if spec.log:
        values = _log_values(spec, default)
        start = default if default in values else values[len(values) // 2]
        return widgets.SelectionSlider(options=[(readable(v), v) for v in values], value=start)
    start = min(max(default, spec.low), spec.high) if default is not None else spec.low
    step = _step(spec, start)
    if spec.whole:
        return widgets.IntSlider(min=spec.low, max=spec.high, step=step, value=start)
    digits = max(0, *(-int(_decimal(v).normalize().as_tuple().exponent) for v in (step, float(spec.low))))
    return GridSlider(min=spec.low, max=spec.high, step=step, value=start, readout_format=f".{digits}f")


def make_widget(name: str, abbreviation: Any, default: Any = None, label: str = "") -> ValueWidget:
    """Return the widget for an abbreviation.

    A `slider`, a tuple (slider), a list or mapping (menu), a bool (switch), a string (text field), a
    number (slider around it, as `interact` does), a `Parameter`, a widget as it is, or a function that makes one.
    Without a label it is labelled with its name.

    Raises
    ------
    ValueError
        What cannot be made a control; the parameter is named.
    """
    unit, help = "", ""
    if inspect.isfunction(abbreviation):
        abbreviation = abbreviation()
    given = abbreviation
    if isinstance(abbreviation, tuple) and len(abbreviation) in (2, 3) and all(map(_is_number, abbreviation)):
        abbreviation = slider(*abbreviation)
    if isinstance(abbreviation, Parameter) and abbreviation.prepare is not None:
        field = FileField(abbreviation.prepare)
        field.layout.width = WIDTH  # a box takes no tooltip: the page would show an error in its place
        return field
    if isinstance(abbreviation, Parameter):
        unit, help = abbreviation.unit, abbreviation.help
        default = abbreviation.default if default is None else default
        abbreviation = _of_parameter(abbreviation)
    if isinstance(abbreviation, SliderSpec):
        unit, help = abbreviation.unit or unit, abbreviation.help or help
        widget = _slider_widget(abbreviation, default)
    elif isinstance(abbreviation, TextArea):
        widget = widgets.Textarea(default or "", rows=abbreviation.rows, continuous_update=False)
    else:
        widget = interactive.widget_from_abbrev(abbreviation, inspect.Parameter.empty if default is None else default)
    if widget is None or not isinstance(widget, ValueWidget):
        raise ValueError(
            f"{name}={abbreviation!r}: cannot be made a control; allowed are slider(…), a tuple, "
            f"a list, a bool, a string, a number or a widget"
        )
    if given is widget:
        return widget
    label = label or name.replace("_", " ")
    widget.description = f"{label}, {unit}" if unit and unit != label else label
    widget.tooltip = help or label
    widget.style = STYLE
    widget.layout.width = WIDTH
    if isinstance(widget, widgets.Text | widgets.Textarea):
        widget.continuous_update = False
        if len(widget.value) > LONG_TEXT or isinstance(widget, widgets.Textarea):
            widget.layout.width = "98%"
    return widget


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_parameter(parameter: Parameter) -> Any:
    if parameter.choices is not None:
        return list(parameter.choices)
    if isinstance(parameter.default, bool | str):
        return parameter.default
    if parameter.low is None or parameter.high is None:
        return widgets.IntText(parameter.default) if isinstance(parameter.default, int) else parameter.default
    kind = parameter.kind or type(parameter.default)
    return slider(
        kind(parameter.low), kind(parameter.high), unit=parameter.unit, log=parameter.log, help=parameter.help
    )


class Panel:
    """The controls of one function, in the order of its parameters.

    Parameters
    ----------
    function : callable
        Its defaults are where the controls start.
    abbreviations : mapping of str to object
        What the decorator was given; the rest comes from annotations and defaults.
    skip : collection of str
        Parameters that get no control.
    labels : mapping of str to str
        What controls and options are labelled with where their names do not say it.

    Attributes
    ----------
    widgets : dict of str to Widget
        By parameter name; a registry's options stand under their own names while their entry is chosen.
    box : Widget
        All of them, laid out: the first five in sight, the rest folded.
    """

    IN_SIGHT = 6

    def __init__(
        self,
        function: Callable[..., Any],
        abbreviations: Mapping[str, Any],
        skip: tuple[str, ...] = (),
        labels: Mapping[str, str] = MappingProxyType({}),
    ):
        signature = inspect.signature(function)
        declared = getattr(function, "parameters", {})
        self._takes_any = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
        self._parameters = tuple(signature.parameters)
        self._labels = labels
        self._registries: dict[str, Registry] = {}
        self._options: dict[tuple[str, str, str], ValueWidget] = {}
        self._own: dict[str, ValueWidget] = {}
        self._callback: Callable[[str], None] = lambda name: None
        self._quiet, self._forward = False, ""
        skip = (*skip, *(f"{name}_options" for name, a in abbreviations.items() if isinstance(a, Registry)))
        for parameter in signature.parameters.values():
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or parameter.name in skip:
                continue
            if parameter.name in abbreviations:
                abbreviation = abbreviations[parameter.name]
            else:
                abbreviation = _from_signature(parameter, declared.get(parameter.name))
            if abbreviation is not None:
                default = parameter.default if isinstance(parameter.default, bool | int | float | str) else None
                self._add(parameter.name, abbreviation, default)
        for name, abbreviation in abbreviations.items():
            if name not in self._own and name not in skip:
                if not self._takes_any:
                    raise TypeError(f"{name}={abbreviation!r}: {function.__name__} has no such parameter")
                self._add(name, abbreviation, None)
        self._defaults = {name: w.value for name, w in self._own.items()}
        self._shelf = widgets.Box(layout={"width": "100%"}).add_class("oslab-controls")
        self._folded = widgets.Box().add_class("oslab-controls")
        self._more = widgets.Accordion(children=[self._folded], titles=("more",), layout={"width": WIDTH})
        self.box = widgets.VBox([self._shelf])
        self._arrange()

    def _add(self, name: str, abbreviation: Any, default: Any) -> None:
        if isinstance(abbreviation, Registry):
            self._registries[name] = abbreviation
            options = [(entry.label, key) for key, entry in abbreviation.items()]
            default = default if default is not None else next(iter(abbreviation))
            widget = make_widget(name, options, default, self._labels.get(name, ""))
            widget.value = default
        else:
            widget = make_widget(name, abbreviation, default, self._labels.get(name, ""))
        self._own[name] = widget
        widget.observe(lambda change, name=name: self._changed(name), "value")

    def _changed(self, name: str) -> None:
        if name in self._registries:
            self._arrange()
        if not self._quiet:
            self._callback(name)

    def _entry_options(self, name: str, key: Any = None) -> dict[str, ValueWidget]:
        """The widgets for the options of what is chosen in the menu `name`, or of another entry, made when first asked for."""
        entry = self._registries[name][self._own[name].value if key is None else key]
        found = {}
        for option, parameter in entry.parameters.items():
            if option in self._own:
                continue
            key = (name, entry.key, option)
            if key not in self._options:
                widget = self._options[key] = make_widget(option, parameter, label=self._labels.get(option, ""))
                widget.observe(lambda change, option=option: self._changed(option), "value")
            found[option] = self._options[key]
        return found

    @property
    def widgets(self) -> dict[str, ValueWidget]:
        """The controls now in use, by name."""
        return self.widgets_with({})

    def widgets_with(self, chosen: Mapping[str, Any]) -> dict[str, ValueWidget]:
        """Return the controls that are in use once menus stand as chosen, by name; an entry that a menu lacks is none."""
        found: dict[str, ValueWidget] = {}
        for name, widget in self._own.items():
            found[name] = widget
            if name in self._registries:
                key = chosen.get(name)
                found.update(self._entry_options(name, key if key in self._registries[name] else None))
        return found

    def bring_forward(self, name: str) -> None:
        """Keep one control in sight however many there are; '' for none."""
        if name != self._forward:
            self._forward = name
            self._arrange()

    def _arrange(self) -> None:
        found = self.widgets
        shown = [
            *([found[self._forward]] if self._forward in found else []),
            *(w for name, w in found.items() if name != self._forward),
        ]
        fits = len(shown) <= self.IN_SIGHT
        in_sight = shown if fits else shown[: self.IN_SIGHT - 1]
        for group in (in_sight, shown[len(in_sight) :]):  # labels end at one line, sliders get the rest
            longest = max((len(w.description) for w in group), default=0)
            for widget in group:
                if hasattr(widget.style, "description_width"):
                    widget.style.description_width = f"{min(round(LETTER * longest) + 18, LABEL_MOST)}px"
        self._folded.children = shown[len(in_sight) :]
        self._shelf.children = in_sight if fits else [*in_sight, self._more]  # it stands in the place left free

    def values(self, **instead: Any) -> dict[str, Any]:
        """Return the arguments for the function: a registry's options flat, or as `<menu>_options` where it asks so.

        Parameters
        ----------
        **instead
            Values that controls do not have, but might.
        """
        values: dict[str, Any] = {}
        for name, widget in self._own.items():
            values[name] = instead.get(name, widget.value)
            if name in self._registries:
                options = {option: instead.get(option, w.value) for option, w in self._entry_options(name).items()}
                if f"{name}_options" in self._parameters:
                    values[f"{name}_options"] = options
                elif self._takes_any:
                    values.update(options)
        return values

    def has_options(self, name: str) -> bool:
        """Return whether a control is a menu whose entries have parameters of their own."""
        return name in self._registries

    def shown(self) -> dict[str, str]:
        """Return what each control shows, as the reader sees it."""
        return {name: str(getattr(w, "label", None) or w.value) for name, w in self.widgets.items()}

    def on_change(self, callback: Callable[[str], None]) -> None:
        """Call `callback` with a control's name whenever its value changes."""
        self._callback = callback

    def reset(self) -> None:
        """Put every control back to where it started, without calling back."""
        self._quiet = True
        try:
            for (name, key, option), widget in self._options.items():
                widget.value = self._registries[name][key].parameters[option].default
            for name, value in self._defaults.items():
                self._own[name].value = value
        finally:
            self._quiet = False

    def close(self) -> None:
        """Close every widget made here."""
        for widget in (*self._own.values(), *self._options.values(), self._more, self.box):
            close_all(widget)


def _from_signature(parameter: inspect.Parameter, declared: Any) -> Any:
    """The abbreviation in an annotation, in what `checked` declares, or in a default, where there is one."""
    if parameter.name == "seed" and isinstance(parameter.default, int):
        return widgets.BoundedIntText(
            parameter.default, min=0, max=2**31 - 1, description="seed", style=STYLE, layout={"width": WIDTH}
        )
    note = parameter.annotation
    if note is not parameter.empty and not isinstance(note, str | type):
        return note
    if parameter.default is parameter.empty or parameter.default is None:
        return None
    return declared if isinstance(declared, Parameter) else parameter.default
