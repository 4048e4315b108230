from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "rongdang.capture.review"
    label = "review"
