"""Instance-level settings."""

from django.db import models


class Setting(models.Model):
    """One named value, such as the hash of the one-time set-up token."""

    key = models.CharField(primary_key=True, max_length=100)
    value = models.JSONField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "instance_setting"
