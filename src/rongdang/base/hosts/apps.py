from django.apps import AppConfig


class HostsConfig(AppConfig):
    name = "rongdang.base.hosts"
    label = "hosts"
