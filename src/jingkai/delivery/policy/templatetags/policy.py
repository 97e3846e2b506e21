"""How the document's own numbers and places are printed."""

from django import template

from ..labels import kind_label, severity_label, stage_label
from ..numerals import ordinal, place_label, place_url, plain

register = template.Library()
register.filter("ordinal", ordinal)
register.filter("place", place_label)
register.filter("place_url", place_url)
register.filter("kind", kind_label)
register.filter("severity", severity_label)
register.filter("stage", stage_label)
register.filter("plain_number", plain)
