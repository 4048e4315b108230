from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "rongdang.describe.access"
    label = "access"
    verbose_name = "查阅事由与回避"
