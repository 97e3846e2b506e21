"""Addresses of the desks."""

from django.urls import path

from .views import approval, desk, forms, quality, verification

patterns = [
    path("", desk.overview, name="overview"),
    path("open/", desk.open_campaign, name="open"),
    path("campaigns/<int:campaign_id>/", desk.campaign_page, name="campaign"),
    path("campaigns/<int:campaign_id>/<slug:name>/", desk.campaign_act, name="campaign-act"),
    path("verify/", verification.verify_index, name="verify-index"),
    path("verify/<int:campaign_id>/<slug:code>/", verification.verify_page, name="verify"),
    path("unlocks/", approval.unlocks_page, name="unlocks"),
    path("unlocks/<int:ticket_id>/", approval.unlock_act, name="unlock-act"),
    path("delegations/", approval.delegations_page, name="delegations"),
    path("delegations/<int:delegation_id>/", approval.delegation_end, name="delegation-end"),
    path("league/", quality.league_page, name="league"),
    path("burden/", quality.burden_page, name="burden"),
    path("forms/", forms.form_list, name="forms"),
    path("forms/new/", forms.form_new, name="form-new"),
    path("forms/<slug:code>/", forms.form_page, name="form"),
    path("forms/<slug:code>/draft/", forms.form_draft, name="form-draft"),
    path("forms/<slug:code>/edit/", forms.form_edit, name="form-edit"),
]
