from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "rongdang.keep.backups"
    label = "backups"
    verbose_name = "备份"
