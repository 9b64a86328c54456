from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import LONGEST_TEXT, ReviewReason


class RefusalForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why it is not shown"),
        choices=[("", "---------"), *ReviewReason.choices],
        help_text=_("The author reads it, in their own language."),
    )
    note = forms.CharField(
        label=_("Note to the author (optional)"),
        max_length=200,
        required=False,
        help_text=_("As you write it: it is not translated."),
    )


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Answer in the name of the shop"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody can read it below the review. Empty takes it back."),
    )
