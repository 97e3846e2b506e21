from django.urls import path

from .views import administration as views

app_name = "accounts-admin"
urlpatterns = [
    path("", views.user_list, name="users"),
    path("new/", views.user_new, name="user-new"),
    path("<int:user_id>/", views.user_card, name="user"),
    path("<int:user_id>/edit/", views.user_edit, name="user-edit"),
    path("<int:user_id>/deactivate/", views.user_deactivate, name="user-deactivate"),
    path("<int:user_id>/activate/", views.user_activate, name="user-activate"),
    path("<int:user_id>/link/", views.user_link, name="user-link"),
    path("<int:user_id>/roles/", views.role_grant, name="role-grant"),
    path("<int:user_id>/roles/<int:membership_id>/end/", views.role_end, name="role-end"),
    path("<int:user_id>/unlock/", views.user_unlock, name="user-unlock"),
    path("<int:user_id>/reset-factor/", views.user_reset_factor, name="user-reset-factor"),
    path("<int:user_id>/end-sessions/", views.user_end_sessions, name="user-end-sessions"),
    path("<int:user_id>/tokens/<int:token_id>/revoke/", views.token_revoke, name="token-revoke"),
]
