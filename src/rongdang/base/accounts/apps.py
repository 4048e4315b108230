from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "rongdang.base.accounts"
    label = "accounts"
    verbose_name = "账号与岗位"
