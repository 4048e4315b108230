from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "rongdang.base.jobs"
    label = "jobs"
    verbose_name = "任务"
