from django.urls import path

from .views import sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/demo/", sign_in.demo_sign_in, name="demo-sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("link/<str:secret>/", sign_in.link, name="link"),
    path("second-factor/", sign_in.verify, name="second-factor"),
    path("second-factor/enrol/", sign_in.enrol, name="enrol"),
]
