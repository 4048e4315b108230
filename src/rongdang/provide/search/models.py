"""What can be found: one row a page, a material's title, a person; the index stands beside it."""

from __future__ import annotations

from django.db import models


class Document(models.Model):
    """A findable thing. The row number is the index's row number."""

    kind = models.CharField(max_length=1)  # p page, i item title, n person's names and numbers
    ref = models.UUIDField(unique=True)  # id of the page, item or person
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    item = models.ForeignKey("casefiles.Item", models.CASCADE, null=True, related_name="+")
    scope = models.CharField(max_length=64)
    level = models.CharField(max_length=8)
    category = models.CharField(max_length=8, blank=True)
    year = models.CharField(max_length=4, blank=True)
    body = models.TextField()  # the text as read; needed to take a row out and to show context

    class Meta:
        indexes = [models.Index(fields=["item"], name="document_item")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
