"""Addresses of a return."""

from django.urls import path

from .views import asking, checking, entries, notes, panels, returns

patterns = [
    path("returns/<int:return_id>/", returns.return_page, name="return"),
    path("returns/<int:return_id>/take-back/", returns.take_back, name="take-back"),
    path("returns/<int:return_id>/save/", entries.save_form, name="save-form"),
    path("returns/<int:return_id>/guess/", entries.guess, name="guess"),
    path("returns/<int:return_id>/send/", entries.send, name="send"),
    path("returns/<int:return_id>/confirm-prefilled/", entries.confirm, name="confirm-form"),
    path("returns/<int:return_id>/check/", checking.check_page, name="check"),
    path("returns/<int:return_id>/sign/", checking.sign_page, name="sign"),
    path("returns/<int:return_id>/send-back/", checking.send_back, name="send-back"),
    path(
        "returns/<int:return_id>/signatures/<int:signature_id>/", checking.receipt, name="receipt"
    ),
    path("returns/<int:return_id>/note/", notes.note_page, name="note"),
    path("returns/<int:return_id>/unlock/", asking.ask_unlock, name="ask-unlock"),
    path("returns/<int:return_id>/more-time/", asking.ask_time, name="ask-time"),
    path("cells/<int:cell_id>/page/", panels.cell_panel, name="cell-page"),
    path("cells/<int:cell_id>/page/explain/", panels.explain_cell, name="explain-cell"),
    path("cells/<int:cell_id>/page/comment/", panels.comment_cell, name="comment-cell"),
    path("cells/<int:cell_id>/page/confirm/", panels.confirm_cell, name="confirm-cell"),
    path("cells/<int:cell_id>/page/evidence/", panels.prove_cell, name="prove-cell"),
]
