"""What can be found: one row a page, a material's title, a person; the index stands beside it."""

from __future__ import annotations

from django.db import models

from rongdang.base.columns.fields import EncryptedBinaryField, EncryptedTextField


class Document(models.Model):
    """A findable thing, narrow so that facets are counted fast. Its number is the index's row number."""

    kind = models.CharField(max_length=1)  # p page, i item title, n person's names and numbers
    ref = models.UUIDField()  # id of the page, item or person
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    item = models.ForeignKey("casefiles.Item", models.CASCADE, null=True, related_name="+")
    scope = models.CharField(max_length=64)
    level = models.CharField(max_length=8)
    category = models.CharField(max_length=8, blank=True)
    year = models.CharField(max_length=4, blank=True)

    class Meta:
        indexes = [models.Index(fields=["item"], name="document_item")]
        constraints = [
            # A person's names may be known at several levels of content; all else has one row.
            models.UniqueConstraint(fields=["ref", "level"], name="document_once_a_level")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class DocumentText(models.Model):
    """The words as indexed: needed to take the row out again, to show context, to draw hits."""

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="text")
    words = EncryptedTextField()  # of a page or title
    anchored = EncryptedTextField(blank=True)  # spellings found only from their first letter
    places = EncryptedBinaryField(default=b"")  # `layout.Layout.places`

    def __str__(self) -> str:
        return f"text of {self.document_id}"
