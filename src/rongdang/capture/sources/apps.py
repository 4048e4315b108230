from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "rongdang.capture.sources"
    label = "sources"
