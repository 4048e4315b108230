from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "rongdang.describe.linkage"
    label = "linkage"
