from django.apps import AppConfig


class GateConfig(AppConfig):
    name = "rongdang.base.gate"
    label = "gate"
    verbose_name = "涉密关口"
