from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "rongdang.describe.statements"
    label = "statements"
