from django.urls import path

from . import views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("events/<int:event_id>/", views.event, name="event"),
    path("verify/", views.verify, name="verify"),
]
