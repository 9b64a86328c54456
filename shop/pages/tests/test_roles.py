"""Who may do what is a table; colleagues are asked to join by mail."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.invitations import accept, invitation_token, invite, withdraw
from accounts.links import LinkInvalid
from accounts.models import Invitation, InvitationState, Role, User
from accounts.roles import RIGHTS, NotAnOwner, employ, roles_with
from accounts.tests.builders import PASSWORD, make_owner, make_staff, make_user
from orders.admin.actions import ACTIONS, PACKING
from orders.models import OrderStatus
from orders.tests.builders import make_order
from payments.desk.owning import colleagues
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import start, wait_until_waiting

NEW = "kuda lumping naik sepeda"
ADD = "/admin/accounts/invitation/add/"
pytestmark = pytest.mark.django_db


def make_colleague(*roles: Role) -> User:
    return make_user(roles=list(roles), is_staff=True)


def signed_in(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def make_invitation(by: User, *roles: Role, email: str = "budi@example.com") -> Invitation:
    return invite(email=email, roles=roles, is_owner=False, language="en", by=by)


def roles_now(user: User) -> tuple[list[str], bool, bool]:
    now = User.objects.get(pk=user.pk)
    return now.roles, now.is_staff, now.is_superuser


# --- rights ---------------------------------------------------------------------------------------
def test_every_right_of_a_role_is_one_that_exists() -> None:
    known = {
        f"{app}.{name}"
        for app, name in Permission.objects.values_list("content_type__app_label", "codename")
    }
    assert {right for rights in RIGHTS.values() for right in rights} - known == set()
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_the_lists_of_its_table_and_no_other(role: Role) -> None:
    client = signed_in(make_colleague(role))
    opened, expected = {}, {}
    for model in admin.site._registry:
        if model._meta.proxy or model._meta.label == "catalog.ProductImage":
            continue
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        answer = client.get(reverse(f"admin:{name}_changelist"))
        opened[name] = answer.status_code
        kinds = {
            f"{model._meta.app_label}.{kind}_{model._meta.model_name}"
            for kind in ("view", "change")
        }
        expected[name] = 200 if kinds & RIGHTS[role] else 403
    assert opened == expected


def test_a_packer_moves_parcels_and_decides_nothing() -> None:
    order = make_order(status=OrderStatus.CONFIRMED)
    client = signed_in(make_colleague(Role.PACKER))
    refused = {
        name
        for name in ACTIONS
        if client.post(reverse("admin:orders_order_do", args=[order.pk, name, 0])).status_code
        == 403
    }
    page = client.get(reverse("admin:orders_order_change", args=[order.pk]))

    assert refused == set(ACTIONS) - PACKING
    assert "/ship/" in page.text
    assert "call-off" not in page.text
    assert client.get(reverse("admin:orders_order_return", args=[order.pk])).status_code == 403
    assert client.get(reverse("admin:orders_order_scan")).status_code == 200


def test_a_right_ends_with_the_role_and_with_the_account() -> None:
    colleague = make_colleague(Role.SUPPORT)
    client = signed_in(colleague)
    assert client.get("/admin/orders/order/").status_code == 200
    employ(user=colleague, roles=[Role.FINANCE], is_owner=False, by=make_owner())
    assert client.get("/admin/orders/review/add/").status_code == 403
    employ(user=colleague, roles=[], is_owner=False, by=make_owner())
    assert client.get("/admin/orders/order/").status_code == 302
    assert not User(roles=[Role.MANAGER], is_active=False).has_perm("orders.view_order")


def test_who_looks_after_exceptions_is_found_by_role_too() -> None:
    packer, support = make_colleague(Role.PACKER), make_colleague(Role.SUPPORT)
    single = make_staff("payments.change_paymentexception")
    assert packer not in colleagues()
    assert {support, single} <= set(colleagues())
    assert Role.PACKER not in roles_with("payments.change_paymentexception")


# --- handing them out -----------------------------------------------------------------------------
def change(client: Client, user: User, *roles: str) -> None:
    url = reverse("admin:accounts_user_change", args=[user.pk])
    data = {"email": user.email, "full_name": "Budi", "language": "id", "is_active": "on"}
    client.post(url, data | {"roles": list(roles)})


def test_an_owner_gives_and_takes_roles() -> None:
    owner, budi = make_owner(), make_user("budi@example.com")
    client = signed_in(owner)
    change(client, budi, "packer", "support")
    assert roles_now(budi) == (["packer", "support"], True, False)
    change(client, budi, "owner")
    assert roles_now(budi) == ([], True, True)
    change(client, budi)
    assert roles_now(budi) == ([], False, False)


def test_the_last_owner_stays_one() -> None:
    owner = make_owner(email="siti@example.com")
    client = signed_in(owner)
    change(client, owner, "packer")
    assert roles_now(owner) == ([], True, True)
    url = reverse("admin:accounts_user_change", args=[owner.pk])
    data = {"email": owner.email, "language": "id", "roles": ["owner"]}
    answer = client.post(url, data, follow=True)
    assert "without an owner" in answer.text
    assert User.objects.get(pk=owner.pk).is_active


def test_roles_are_not_handed_out_by_anybody_else() -> None:
    manager, budi = make_colleague(Role.MANAGER), make_user("budi@example.com")
    client = signed_in(manager)
    change(client, budi, "packer")
    assert roles_now(budi) == ([], False, False)
    assert client.get("/admin/accounts/invitation/").status_code == 403
    assert client.post(ADD, {"email": "x@example.com", "roles": ["owner"]}).status_code == 403
    assert not Invitation.objects.exists()
    with pytest.raises(NotAnOwner):
        employ(user=manager, roles=[], is_owner=True, by=manager)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_dismiss_each_other_at_once_leave_one() -> None:
    first, second = make_owner(), make_owner()

    def dismiss(whom: User, by: User) -> None:
        employ(user=whom, roles=[], is_owner=False, by=by)

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            list(User.objects.select_for_update().filter(is_superuser=True))
            asked = [
                start(pool, partial(dismiss, second, first)),
                start(pool, partial(dismiss, first, second)),
            ]
            wait_until_waiting(2)
        ended = [call.exception() for call in asked]

    assert User.objects.filter(is_superuser=True).count() == 1
    assert sorted(type(error).__name__ for error in ended) == ["NoneType", "NotAnOwner"]


# --- invitations ----------------------------------------------------------------------------------
def mailed_link() -> str:
    for pk in OutboxMessage.objects.filter(done_at=None).values_list("pk", flat=True):
        outbox.deliver(pk)
    [letter] = mail.outbox
    found = re.search(r"https?://[^/\s]+(/\S+/)", str(letter.body))
    assert found is not None
    return found[1]


def test_an_invited_colleague_begins_with_the_role_and_a_password_of_their_own() -> None:
    data = {"email": "Budi@Example.com", "roles": ["packer"], "language": "en"}
    client = signed_in(make_owner(full_name="Siti Rahma"))
    assert "Packer: packs and sends parcels" in client.get(ADD).text
    answer = client.post(ADD, data)
    assert answer.headers["Location"] == "/admin/accounts/invitation/"
    path = mailed_link()
    assert mail.outbox[0].to == ["budi@example.com"]
    assert "Siti Rahma asks you to work with us at RONA: Packer." in mail.outbox[0].body

    client = Client()
    assert "budi@example.com" in client.get(path).text
    assert not User.objects.filter(email="budi@example.com").exists()
    weak = client.post(path, {"full_name": "Budi", "password": "123"})
    assert (weak.status_code, User.objects.count()) == (422, 1)
    answer = client.post(path, {"full_name": "Budi", "password": NEW})

    assert answer.headers["Location"] == "/admin/"
    budi = User.objects.get(email="budi@example.com")
    assert roles_now(budi) == (["packer"], True, False)
    assert budi.check_password(NEW)
    assert client.post(path, {"full_name": "Eve", "password": NEW}).status_code == 410


def test_who_has_an_account_keeps_it_and_its_password() -> None:
    budi = make_user("budi@example.com", password=PASSWORD)
    invitation = make_invitation(make_owner(), Role.SUPPORT)
    client = Client()
    path = reverse("pages:accept_invitation", args=[invitation_token(invitation)])
    assert 'name="password"' not in client.get(path).text
    assert client.post(path).headers["Location"] == "/admin/"
    assert roles_now(budi) == (["support"], True, False)
    assert User.objects.get(pk=budi.pk).check_password(PASSWORD)
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("how", ["withdrawn", "too-old", "no-owner-any-more", "closed"])
def test_an_invitation_that_is_over_gives_nothing(how: str) -> None:
    owner, budi = make_owner(), make_user("budi@example.com")
    invitation = make_invitation(owner, Role.MANAGER)
    if how == "withdrawn":
        data = {"action": "withdraw_chosen", "_selected_action": [invitation.pk]}
        signed_in(owner).post("/admin/accounts/invitation/", data)
    elif how == "too-old":
        Invitation.objects.update(expires_at=invitation.created_at)
    elif how == "no-owner-any-more":
        employ(user=owner, roles=[Role.MANAGER], is_owner=False, by=make_owner())
    else:
        User.objects.filter(pk=budi.pk).update(is_active=False)
    path = reverse("pages:accept_invitation", args=[invitation_token(invitation)])
    assert Client().post(path).status_code == 410
    assert roles_now(budi) == ([], False, False)


def test_one_invitation_for_an_address_and_none_for_a_colleague() -> None:
    owner = make_owner()
    packer = make_colleague(Role.PACKER)
    invitation = make_invitation(owner, Role.PACKER)
    client = signed_in(owner)
    data = {"roles": ["manager"], "language": "en"}
    twice = client.post(ADD, data | {"email": "BUDI@example.com"}, follow=True)
    known = client.post(ADD, data | {"email": packer.email})
    assert "open invitation for this address" in twice.text
    assert list(known.context["adminform"].form.errors) == ["email"]
    assert [row.pk for row in Invitation.objects.all()] == [invitation.pk]
    Invitation.objects.update(expires_at=invitation.created_at)
    again = make_invitation(owner, Role.PACKER)
    invitation.refresh_from_db()
    assert (invitation.state, again.state) == (InvitationState.WITHDRAWN, InvitationState.OPEN)


@pytest.mark.django_db(transaction=True)
def test_who_accepts_what_is_being_withdrawn_is_told_that_it_is_over() -> None:
    owner = make_owner()
    invitation = make_invitation(owner, Role.PACKER)
    call = partial(accept, invitation_token(invitation), full_name="Budi", password=NEW)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            withdraw(invitation_id=invitation.pk, by=owner)
            asked = start(pool, call)
            wait_until_waiting(1)
        ended = asked.exception()
    assert isinstance(ended, LinkInvalid)
    assert not User.objects.filter(email="budi@example.com").exists()
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.WITHDRAWN
