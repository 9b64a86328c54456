"""Proofs of transfers: handed out to whoever may see them, and taken of refunds made by hand."""

from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.product_pages import user_of
from payments.models import PaymentProof, ProofKind, Refund
from payments.proofs.keeping import keep_of_refund, read_file
from payments.proofs.reading import ProofUnknown, read_proof
from shop.core.admin import RecordAdmin
from shop.core.errors import DomainError

CONTENT_TYPES = {
    ProofKind.PDF: "application/pdf",
    ProofKind.JPEG: "image/jpeg",
    ProofKind.PNG: "image/png",
    ProofKind.WEBP: "image/webp",
}


@admin.register(PaymentProof)
class PaymentProofAdmin(RecordAdmin[PaymentProof]):
    list_display = ("public_id", "uploaded_at", "about", "kind", "size", "uploaded_by")
    list_select_related = ("refund", "attempt", "uploaded_by")
    list_filter = ("kind",)
    search_fields = ("refund__reference__exact", "attempt__reference__exact")
    search_help_text = _("Reference of the refund or of the attempt")
    fields = ("uploaded_at", "about", "kind", "size", "uploaded_by")
    readonly_fields = fields

    @admin.display(description=_("of"))
    def about(self, proof: PaymentProof) -> str:
        return str(proof.refund or proof.attempt)

    def get_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view
        return [
            path("<uuid:public_id>/file/", own(self.file_view), name="payments_paymentproof_file"),
            path("of-refund/<int:refund_id>/", own(self.take_view), name="payments_proof_take"),
            *super().get_urls(),
        ]

    def file_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """To be saved, never shown: what strangers sent is opened in no page of the shop."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        proofs = PaymentProof.objects.select_related("refund", "attempt")
        proof = get_object_or_404(proofs, public_id=public_id)
        try:
            data = read_file(proof)
        except DomainError as error:
            messages.error(request, error.user_message)
            return redirect("admin:payments_paymentproof_change", proof.pk)
        return HttpResponse(
            data,
            content_type=CONTENT_TYPES[ProofKind(proof.kind)],
            headers={
                "Content-Disposition": f'attachment; filename="{proof.download_name}"',
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "Cache-Control": "private, no-store",
            },
        )

    def take_view(self, request: HttpRequest, refund_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("payments.change_refund"):
            raise PermissionDenied
        refund = get_object_or_404(Refund, pk=refund_id)
        try:
            file = request.FILES.get("proof")
            if file is None:
                raise ProofUnknown
            keep_of_refund(refund_id=refund.pk, upload=read_proof(file), user_id=user_of(request))
        except DomainError as error:
            messages.error(request, error.user_message)
        else:
            messages.success(request, gettext("The bank's receipt is kept with the refund."))
        if refund.order_id is not None:
            return redirect("admin:orders_order_change", refund.order_id)
        return redirect("admin:payments_refund_change", refund.pk)
