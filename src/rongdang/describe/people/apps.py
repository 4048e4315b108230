from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "rongdang.describe.people"
    label = "people"
