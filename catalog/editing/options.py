"""The values that products may vary in, found or made where they are needed."""

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from catalog.editing.texts import free_code
from catalog.models import Option, OptionValue, OptionValueTranslation


@transaction.atomic
def add_value(*, option_pk: int, name: str, swatch: str = "") -> tuple[OptionValue, bool]:
    """The value of that name, and whether it is new; it is the last of its option then.

    A value is shared by all products, so a name or code that is known already gives the value that
    has it. `swatch` is #rrggbb or nothing.
    """
    name = " ".join(name.split())
    # Two colleagues who add the same colour at once shall end with one.
    option = Option.objects.select_for_update(of=("self",), no_key=True).get(pk=option_pk)
    same = Q(translations__name__iexact=name) | Q(code__iexact=name)
    known = OptionValue.objects.filter(same, option=option).order_by("pk").first()
    if known is not None:
        return known, False
    last = OptionValue.objects.filter(option=option).aggregate(last=Max("position"))["last"]
    value = OptionValue.objects.create(
        option=option,
        code=free_code(name, option_pk=option.pk),
        swatch=swatch.lower(),
        position=0 if last is None else last + 1,
    )
    OptionValueTranslation.objects.create(value=value, language=settings.LANGUAGE_CODE, name=name)
    return value, True
