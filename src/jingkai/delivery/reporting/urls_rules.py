"""Addresses of the validation rules."""

from django.urls import path

from .views import rules

patterns = [
    path("rules/", rules.rule_list, name="rules"),
    path("rules/new/", rules.new_rule, name="new-rule"),
    path("rules/<slug:code>/", rules.rule_page, name="rule"),
    path("rules/<slug:code>/edit/", rules.edit_rule, name="edit-rule"),
    path("rules/<slug:code>/switch/", rules.switch_rule, name="switch-rule"),
]
