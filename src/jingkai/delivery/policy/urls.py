from django.urls import path

from . import views

app_name = "policy"
urlpatterns = [
    path("", views.document_page, name="map"),
    path("measures/<int:number>/", views.measure_page, name="measure"),
    path("clauses/", views.clauses_page, name="clauses"),
    path("clauses/<str:code>/", views.clause_page, name="clause"),
    path("clauses/<str:code>/roles/", views.clause_roles, name="clause-roles"),
    path("tasks/", views.tasks_page, name="tasks"),
    path("tasks/<int:number>/", views.task_page, name="task"),
    path("tasks/<int:number>/roles/", views.task_roles, name="task-roles"),
    path("bodies/<slug:code>/", views.body_page, name="body"),
    path("sentences/<slug:kind>/<str:code>/", views.sentence_page, name="sentence"),
    path("graph/", views.graph_page, name="graph"),
    path("matrix/", views.matrix_page, name="matrix"),
    path("conflicts/", views.conflicts_page, name="conflicts"),
    path("conflicts/<slug:code>/", views.conflict_page, name="conflict"),
    path("conflicts/<slug:code>/decide/", views.decide, name="decide"),
    path("conflicts/<slug:code>/reopen/", views.reopen, name="reopen"),
]
