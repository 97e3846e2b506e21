"""Inputs and lists written without a template each: the editor shows some hundred of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class QuickSelect(forms.Select):
    """A list of choices without groups."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The same as Django's own, in one go."""
        chosen = {str(one) for one in self.format_value(value)}
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (text, " selected" if text in chosen else "", label)
                for text, label in (("" if key is None else str(key), label)
                                    for key, label in self.choices)
            ),
        )  # fmt: skip
        given = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", given, options)


def written(kind: str, widget: forms.Widget, name: str, value: Any, attrs: Any) -> SafeString:
    """An input of a type with its value."""
    given = {"type": kind, "name": name, **widget.build_attrs(widget.attrs, attrs)}
    said = widget.format_value(value)
    return format_html("<input{}>", flatatt(given if said is None else {**given, "value": said}))


class QuickText(forms.TextInput):
    """A line of text."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The same as Django's own, in one go."""
        return written("text", self, name, value, attrs)


class QuickNumber(forms.NumberInput):
    """A number."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The same as Django's own, in one go."""
        return written("number", self, name, value, attrs)


class QuickCheckbox(forms.CheckboxInput):
    """Yes or no."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The same as Django's own, in one go."""
        checked = {"checked": True} if self.check_test(value) else {}
        given = {"type": "checkbox", "name": name, **self.build_attrs(self.attrs, attrs)}
        said = self.format_value(value)
        if said is not None:
            given["value"] = said
        return format_html("<input{}>", flatatt({**given, **checked}))


class QuickCheckboxes(forms.CheckboxSelectMultiple):
    """Several of a list, without groups."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The same as Django's own, in one go."""
        chosen = {str(one) for one in self.format_value(value)}
        given = self.build_attrs(self.attrs, attrs)
        own = given.pop("id", "")
        common = {"type": "checkbox", "name": name, **given, "required": False}
        lines = format_html_join(
            "",
            '<div><label{}><input{}> {}</label></div>',
            (
                (
                    flatatt({"for": f"{own}_{n}"} if own else {}),
                    flatatt({
                        **common, "value": str(key), "checked": str(key) in chosen,
                        **({"id": f"{own}_{n}"} if own else {}),
                    }),
                    label,
                )
                for n, (key, label) in enumerate(self.choices)
            ),
        )  # fmt: skip
        around = {key: said for key, said in (("id", own), ("class", given.get("class"))) if said}
        return format_html("<div{}>{}</div>", flatatt(around), lines)


def quick(widget: forms.Widget) -> forms.Widget:
    """The quick twin of a widget, where it has one."""
    found: forms.Widget
    if type(widget) is forms.Select:
        found = QuickSelect(widget.attrs, widget.choices)
    elif type(widget) is forms.CheckboxSelectMultiple:
        found = QuickCheckboxes(widget.attrs, widget.choices)
    elif type(widget) is forms.CheckboxInput:
        found = QuickCheckbox(widget.attrs)
    elif type(widget) in (forms.TextInput, forms.NumberInput):
        found = (QuickText if type(widget) is forms.TextInput else QuickNumber)(widget.attrs)
    else:
        return widget
    found.is_required = widget.is_required
    found.is_localized = widget.is_localized
    return found
