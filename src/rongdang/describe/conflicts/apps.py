from django.apps import AppConfig


class ConflictsConfig(AppConfig):
    name = "rongdang.describe.conflicts"
    label = "conflicts"
