"""Second factors rest sealed. What a version before this one wrote is sealed where it stands."""

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import migrations, models

PURPOSE = b"jingkai accounts second factor"


def fernet():
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return Fernet(base64.urlsafe_b64encode(key.derive(settings.SECRET_KEY.encode())))


def seal(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.exclude(totp_secret="")
    box = fernet()
    for user in users.exclude(totp_secret__startswith="v1:").only("totp_secret"):
        user.totp_secret = "v1:" + box.encrypt(user.totp_secret.encode()).decode()
        user.save(update_fields=["totp_secret"])


def open_again(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects
    box = fernet()
    for user in users.filter(totp_secret__startswith="v1:").only("totp_secret"):
        user.totp_secret = box.decrypt(user.totp_secret.removeprefix("v1:").encode()).decode()
        user.save(update_fields=["totp_secret"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sign_in_attempts")]
    operations = [
        migrations.AlterField(
            model_name="user",
            name="totp_secret",
            field=models.CharField(
                blank=True, max_length=255, verbose_name="second factor secret"
            ),
        ),
        migrations.RunPython(seal, open_again),
    ]
