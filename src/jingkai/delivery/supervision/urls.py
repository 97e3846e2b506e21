from django.urls import path

from . import views

app_name = "supervision"
urlpatterns = [
    path("", views.obligation_list, name="list"),
    path("tasks/<int:number>/", views.task_card, name="task"),
    path("tasks/<int:number>/roles/", views.assign_roles, name="roles"),
    path("obligations/<int:obligation_id>/", views.obligation_detail, name="obligation"),
    path("obligations/<int:obligation_id>/<slug:name>/", views.act, name="act"),
    path("reports/<int:report_id>/<slug:decision>/", views.decide_report, name="decide-report"),
    path("extensions/<int:extension_id>/", views.decide_extension, name="decide-extension"),
    path("urges/<int:urge_id>/", views.answer_urge, name="answer-urge"),
    path("issue/", views.bulk_issue, name="issue"),
    path("register/", views.register, name="register"),
    path("review/", views.review_queue, name="review"),
    path("board/", views.board, name="board"),
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/<int:meeting_id>/", views.meeting_detail, name="meeting"),
]
