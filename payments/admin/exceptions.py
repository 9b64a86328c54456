from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from payments.admin.badges import exception_badge
from payments.models import PaymentException
from shop.core.admin import BigTableAdmin, ModelAdmin


class ResolvedFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("resolved", _("Resolved"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PaymentException]
    ) -> QuerySet[PaymentException]:
        if self.value() in ("open", "resolved"):
            return queryset.filter(resolved_at__isnull=self.value() == "open")
        return queryset


@admin.register(PaymentException)
class PaymentExceptionAdmin(BigTableAdmin[PaymentException]):
    """Somebody takes it on, and writes down how it ended: nothing else of it can be changed."""

    list_display = ("kind_shown", "order", "amount_shown", "opened_at", "owner", "resolved_at")
    list_select_related = ("order", "receipt", "owner")
    list_filter = (ResolvedFilter, "kind")
    search_fields = ("order__number__exact", "receipt__payment_id__exact")
    search_help_text = _("The order's number or the gateway's payment")
    readonly_fields = ("kind_shown", "order", "receipt", "note", "opened_at", "resolved_at")
    fields = (*readonly_fields, "owner", "resolution")

    @admin.display(description=_("kind"))
    def kind_shown(self, exception: PaymentException) -> SafeString:
        return exception_badge(exception)

    @admin.display(description=_("amount"))
    def amount_shown(self, exception: PaymentException) -> str:
        return exception.receipt.amount.format() if exception.receipt else "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The owner is picked from the staff, and nobody is made or edited on the way."""
        if db_field.name == "owner":
            staff = User.objects.filter(is_staff=True, is_active=True)
            return db_field.formfield(queryset=staff.order_by("email"))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: PaymentException, form: Any, change: Any
    ) -> None:
        """A resolution closes it; taking the text away opens it again."""
        if not obj.resolution.strip():
            obj.resolved_at = None
        elif obj.resolved_at is None:
            obj.resolved_at = timezone.now()
        obj.save(update_fields=["owner", "resolution", "resolved_at"])
