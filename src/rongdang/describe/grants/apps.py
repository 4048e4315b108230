from django.apps import AppConfig


class GrantsConfig(AppConfig):
    name = "rongdang.describe.grants"
    label = "grants"
    verbose_name = "专门授权"
