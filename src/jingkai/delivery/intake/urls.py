"""Pages of intake."""

from django.urls import path

from . import views

app_name = "intake"
urlpatterns = [
    path("", views.documents_page, name="documents"),
    path("upload/", views.upload, name="upload"),
    path("compare/", views.compare_page, name="compare"),
    path("versions/<int:version_id>/", views.version_page, name="version"),
    path("versions/<int:version_id>/file/", views.original, name="file"),
    path("versions/<int:version_id>/title/", views.title, name="title"),
    path("versions/<int:version_id>/again/", views.again, name="again"),
    path("versions/<int:version_id>/discard/", views.discard, name="discard"),
    path("versions/<int:version_id>/reopen/", views.reopen, name="reopen"),
    path("versions/<int:version_id>/accept/", views.accept_kind, name="accept-all"),
    path("versions/<int:version_id>/publish/", views.publish_page, name="publish"),
    path("versions/<int:version_id>/pack/", views.pack_archive, name="pack"),
    path("items/<int:item_id>/", views.item_page, name="item"),
    path("items/<int:item_id>/decide/", views.decide, name="decide"),
]
