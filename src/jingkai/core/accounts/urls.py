from django.urls import path

from .views import account, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/demo/", sign_in.demo_sign_in, name="demo-sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("link/<str:secret>/", sign_in.link, name="link"),
    path("second-factor/", sign_in.verify, name="second-factor"),
    path("second-factor/enrol/", sign_in.enrol, name="enrol"),
    path("", account.account, name="account"),
    path("password/", account.change_password, name="password"),
    # Not below second-factor/: who still owes the factor must not be able to remove it.
    path("remove-second-factor/", account.remove_second_factor, name="remove-second-factor"),
    path("sessions/end/", account.end_other_sessions, name="end-other-sessions"),
    path("tokens/", account.create_token, name="create-token"),
    path("tokens/<int:token_id>/revoke/", account.revoke_token, name="revoke-token"),
    path("language/", account.choose_language, name="language"),
    path("calendar/", account.renew_calendar, name="renew-calendar"),
]
