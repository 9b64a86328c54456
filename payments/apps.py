from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:

        from orders.ending import register_ended  # noqa: PLC0415 - models must be loaded first
        from orders.fulfilment import register_sent  # noqa: PLC0415 - as above
        from orders.holding import register_reasons  # noqa: PLC0415 - as above
        from orders.letters import register_letters  # noqa: PLC0415 - as above
        from orders.receipts.payments import register_payments  # noqa: PLC0415 - as above
        from orders.refunds_due import (  # noqa: PLC0415 - as above
            register_absent,
            register_owed,
        )
        from payments import emails, paid, privacy  # noqa: PLC0415 - as above
        from payments.checks import business_id_is_known  # noqa: PLC0415 - as above
        from payments.cod.following import follow_owed, follow_sent  # noqa: PLC0415 - as above
        from payments.credit.emails import (  # noqa: PLC0415 - as above
            register_handlers as register_credit_mail,
        )
        from payments.credit.giving_back import give_back_unpaid  # noqa: PLC0415 - as above
        from payments.desk.digest import (  # noqa: PLC0415 - as above
            register_handlers as register_desk_mail,
        )
        from payments.late_money import check_late_money  # noqa: PLC0415 - as above
        from payments.reconciling.holding import held_for_phantoms  # noqa: PLC0415 - as above
        from payments.refunds.absent import not_there  # noqa: PLC0415 - as above
        from payments.refunds.owing import plan_due  # noqa: PLC0415 - as above

        register(check_late_money)
        register(business_id_is_known, deploy=True)
        emails.register_handlers()
        register_credit_mail()
        register_desk_mail()
        register_ended(give_back_unpaid)
        register_letters(emails.letters_of)
        register_payments(paid.payments_of)
        register_absent(not_there)
        register_owed(follow_owed)
        register_sent(follow_sent)
        register_owed(plan_due)
        register_reasons(held_for_phantoms)
        privacy.register()
