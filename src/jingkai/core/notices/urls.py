from django.urls import path

from . import views

app_name = "notices"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read-all/", views.read_all, name="read-all"),
    path("<int:notice_id>/open/", views.open_notice, name="open"),
    path("calendar/<str:key>.ics", views.calendar, name="calendar"),
]
