from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "rongdang.provide.changes"
    label = "changes"
