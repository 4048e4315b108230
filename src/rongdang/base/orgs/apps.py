from django.apps import AppConfig


class OrgsConfig(AppConfig):
    name = "rongdang.base.orgs"
    label = "orgs"
    verbose_name = "机构"
