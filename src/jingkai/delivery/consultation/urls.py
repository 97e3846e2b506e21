"""Pages of consultation. What begins with `open/` needs no sign-in (settings.OPEN_PREFIXES)."""

from django.urls import path

from .views import desk, open, opinions, rounds, topics

app_name = "consultation"
urlpatterns = [
    path("open/", open.open_list, name="open-list"),
    path("open/receipt/", open.receipt, name="receipt"),
    path("open/<int:consultation_id>/", open.open_text, name="open"),
    path("open/<int:consultation_id>/comment/", open.open_comment, name="open-comment"),
    path("open/<int:consultation_id>/results/", open.open_results, name="open-results"),
    path("", rounds.round_list, name="list"),
    path("new/", rounds.edit, name="new"),
    path("<int:consultation_id>/", rounds.detail, name="detail"),
    path("<int:consultation_id>/edit/", rounds.edit, name="edit"),
    path("<int:consultation_id>/bodies/", rounds.set_bodies, name="bodies"),
    path("<int:consultation_id>/act/<slug:name>/", rounds.act, name="act"),
    path("<int:consultation_id>/desk/", desk.desk, name="desk"),
    path("<int:consultation_id>/sort/", desk.sort, name="sort"),
    path("<int:consultation_id>/duplicates/", desk.duplicates, name="duplicates"),
    path("<int:consultation_id>/table/", desk.table, name="table"),
    path("<int:consultation_id>/effect/", desk.effect, name="effect"),
    path("<int:consultation_id>/revised/", desk.revised, name="revised"),
    path("<int:consultation_id>/opinion/", opinions.opinion, name="opinion"),
    path("<int:consultation_id>/opinion/<slug:name>/", opinions.opinion_act, name="opinion-act"),
    path("opinions/<int:comment_id>/", desk.comment, name="comment"),
    path("opinions/<int:comment_id>/<slug:name>/", desk.comment_act, name="comment-act"),
    path("topics/<int:topic_id>/", topics.topic_page, name="topic"),
    path("topics/<int:topic_id>/<slug:name>/", topics.topic_act, name="topic-act"),
    path("decisions/<int:decision_id>/<slug:name>/", topics.decision_act, name="decision-act"),
]
