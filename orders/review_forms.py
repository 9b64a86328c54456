"""The form of a review. It checks shape only; who may review what is decided below."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from orders.models import LONGEST_NAME, LONGEST_TEXT, LONGEST_TITLE, MOST_PHOTOS, Review, ReviewFit
from orders.reviews.own import OwnPhoto
from orders.reviews.pictures import Upload, read_upload
from orders.reviews.writing import Words
from shop.core.choosing import choice_field
from shop.core.errors import DomainError

RATING_NAMES = {
    1: _("Very bad"),
    2: _("Bad"),
    3: _("All right"),
    4: _("Good"),
    5: _("Very good"),
}
FITS = [
    (ReviewFit.SMALL, _("Runs small")),
    (ReviewFit.TRUE, _("True to size")),
    (ReviewFit.LARGE, _("Runs large")),
    ("", _("I cannot say")),
]


class ProseField(forms.CharField):
    """Browsers count a line break as one character and send it as two."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class PhotosInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several files at once; cleaned, a list of Upload."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        uploads: Sequence[UploadedFile[bytes]] = data or []
        if len(uploads) > MOST_PHOTOS:
            raise forms.ValidationError(
                _("Choose at most %(most)s photos."), params={"most": MOST_PHOTOS}
            )
        return [_clean(upload) for upload in uploads]


def _clean(upload: "UploadedFile[bytes]") -> Upload:
    try:
        return read_upload(upload)
    except DomainError as error:
        text = _("%(file)s: %(problem)s")
        params = {"file": upload.name, "problem": error.user_message}
        raise forms.ValidationError(text, params=params) from error


class ReviewForm(forms.Form):
    rating = forms.TypedChoiceField(
        label=_("How do you like it?"),
        coerce=int,
        choices=RATING_NAMES.items(),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one to five stars.")},
    )
    fit = forms.ChoiceField(
        label=_("How does it fit?"), choices=FITS, required=False, widget=forms.RadioSelect
    )
    title = forms.CharField(
        label=_("In a few words (optional)"),
        max_length=LONGEST_TITLE,
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    text = ProseField(
        label=_("What should others know? (optional)"),
        help_text=_("The fabric, the colour, how it wears. Please name no phone numbers."),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 6}),
    )
    display_name = forms.CharField(
        label=_("Name shown with it (optional)"),
        help_text=_("Everybody can read it. Leave it empty to stay unnamed."),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    photos = PhotosField(
        label=_("Photos (optional)"),
        required=False,
        widget=PhotosInput(
            attrs={
                "class": "input",
                "accept": "image/jpeg,image/png,image/webp,image/avif",
                "data-photos": MOST_PHOTOS,
            }
        ),
    )
    removed = forms.TypedMultipleChoiceField(coerce=UUID, required=False)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        review: Review | None,
        photos: Sequence[OwnPhoto],
        first_name: str,
    ) -> None:
        initial = said(review) if review else {"display_name": first_name, "fit": ""}
        super().__init__(data, files, initial=initial)
        own = [(str(photo.public_id), "") for photo in photos]
        choice_field(self, "removed").choices = own

    def words(self) -> Words:
        fields = ("rating", "fit", "title", "text", "display_name")
        return Words(**{name: self.cleaned_data[name] for name in fields})


def said(review: Review) -> dict[str, Any]:
    fields = ("rating", "fit", "title", "text", "display_name")
    return {name: getattr(review, name) for name in fields}
