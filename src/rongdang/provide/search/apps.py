from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "rongdang.provide.search"
    label = "search"
