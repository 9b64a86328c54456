from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.signing_in import LONGEST_PASSWORD


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={"required": _("Enter your e-mail address.")},
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "username"}),
    )


def _password(label: object, autocomplete: str, hint: object = "") -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]  # lazy
        help_text=hint,  # type: ignore[arg-type]  # lazy
        max_length=LONGEST_PASSWORD,
        # A blank at its end is part of a password.
        strip=False,
        error_messages={"required": _("Enter your password.")},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": autocomplete}),
    )


class SignInForm(EmailForm):
    password = _password(_("Password"), "current-password")


class NewPasswordForm(forms.Form):
    password = _password(
        _("New password"), "new-password", _("At least 15 characters, as many as you like.")
    )


class NameForm(forms.Form):
    full_name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Enter your name.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
    )


class ProfileForm(NameForm):
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        widget=forms.Select(attrs={"class": "input"}),
    )


class RegistrationForm(NameForm):
    password = _password(
        _("Password"), "new-password", _("At least 15 characters, as many as you like.")
    )


class ChangePasswordForm(forms.Form):
    current = _password(_("Current password"), "current-password")
    password = _password(
        _("New password"), "new-password", _("At least 15 characters, as many as you like.")
    )


def _code(label: object, hint: object, inputmode: str) -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]  # lazy
        help_text=hint,  # type: ignore[arg-type]  # lazy
        max_length=40,
        error_messages={"required": _("Enter the code.")},
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "one-time-code",
                "inputmode": inputmode,
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )


class CodeForm(forms.Form):
    code = _code(_("Code"), _("Six digits, as your app shows them now."), "numeric")


class RecoveryForm(forms.Form):
    code = _code(_("Recovery code"), _("One of those that you have kept, unused."), "text")


class ConfirmForm(forms.Form):
    password = _password(_("Password"), "current-password")


class PasskeyForm(forms.Form):
    """What the browser's own dialogue has answered, as JSON; a module of ours fills it in."""

    credential = forms.CharField(
        max_length=20_000,
        widget=forms.HiddenInput,
        error_messages={"required": _("Your browser has not answered. Please try again.")},
    )


class NewPasskeyForm(PasskeyForm):
    name = forms.CharField(
        label=_("Name"),
        help_text=_("By which you know it again: “Siti's phone”."),
        max_length=100,
        error_messages={"required": _("Give it a name.")},
        widget=forms.TextInput(attrs={"class": "input"}),
    )
