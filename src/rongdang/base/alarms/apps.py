from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    name = "rongdang.base.alarms"
    label = "alarms"
    verbose_name = "告警"
