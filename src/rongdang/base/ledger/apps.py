from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "rongdang.base.ledger"
    label = "ledger"
    verbose_name = "账本"
