from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "rongdang.provide.quality"
    label = "quality"
