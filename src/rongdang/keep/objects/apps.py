from django.apps import AppConfig


class ObjectsConfig(AppConfig):
    name = "rongdang.keep.objects"
    label = "objects"
    verbose_name = "对象"
