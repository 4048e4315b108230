from django.apps import AppConfig


class CasefilesConfig(AppConfig):
    name = "rongdang.describe.casefiles"
    label = "casefiles"
