"""What accounts keep of a person. Passwords, secrets and hashes are nobody's to read."""

from accounts.models import Device, Invitation, Passkey, SavedAddress, Session, User
from shop.core import privacy
from shop.core.privacy import Person, Told, rows


def register() -> None:
    privacy.register("accounts", export=export)


def export(person: Person) -> Told:
    return {
        "account": rows(
            User.objects.filter(pk__in=[person.user_id] if person.user_id else []),
            email="email",
            name="full_name",
            language="language",
            roles="roles",
            joined_at="joined_at",
            last_signed_in_at="last_login",
            second_factor_since="factor_since",
        ),
        "apps_signed_in": rows(
            Device.objects.filter(user=person.user_id).order_by("pk"),
            name="name",
            signed_in_at="created_at",
            last_used_at="used_at",
        ),
        "browsers_signed_in": rows(
            Session.objects.filter(user=person.user_id, user__isnull=False).order_by("begun_at"),
            browser="agent",
            signed_in_at="begun_at",
            until="expire_date",
        ),
        "passkeys": rows(
            Passkey.objects.filter(user=person.user_id).order_by("pk"),
            name="name",
            set_up_at="created_at",
            last_used_at="used_at",
        ),
        "addresses": rows(
            SavedAddress.objects.filter(user=person.user_id).order_by("pk"),
            label="label",
            recipient_name="recipient_name",
            recipient_phone="recipient_phone",
            street="street",
            rt="rt",
            rw="rw",
            village="village",
            district="district",
            city="city",
            province_name="province_name",
            postal_code="postal_code",
            country="country",
            notes="notes",
            is_default="is_default",
            saved_at="created_at",
        ),
        "invitations": rows(
            Invitation.objects.filter(email__iexact=person.email).order_by("pk"),
            roles="roles",
            state="state",
            invited_at="created_at",
        ),
    }
