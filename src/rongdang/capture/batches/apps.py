from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "rongdang.capture.batches"
    label = "batches"
