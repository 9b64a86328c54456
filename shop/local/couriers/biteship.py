"""Biteship's side: rates between two postal codes, and the tracking of a parcel."""

import hmac
import json

from . import geography
from .errors import ApiError, Json
from .geography import Area
from .parcels import Parcels
from .routing import Request

_LONGEST_SIDE_CM = 1000


class Biteship:
    def __init__(self, *, key: str, parcels: Parcels) -> None:
        self._key = key
        self._parcels = parcels

    def authenticate(self, request: Request) -> None:
        """The key alone; Biteship's own documents know no `Bearer`."""
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), self._key.encode()):
            raise ApiError(401, "Authorization failed", 40000001)

    def rates(self, request: Request) -> Json:
        if request.headers.get_content_type() != "application/json":
            raise ApiError(400, "Content-Type must be application/json", 40001000)
        body = _json(request.body)
        origin = _area(body, "origin_postal_code", 40001001)
        destination = _area(body, "destination_postal_code", 40001002)
        grams = sum(_grams(item) for item in _items(body))
        wanted = _couriers(body)
        pricing = [
            _priced(service, origin, destination, grams)
            for service in geography.SERVICES
            if service.courier in wanted
        ]
        return {
            "success": True,
            "object": "courier_pricing",
            "message": "Success to retrieve courier pricing",
            "code": 20001003,
            "origin": _place(origin),
            "destination": _place(destination),
            "pricing": pricing,
        }

    def tracking(self, number: str, courier: str) -> Json:
        moves = self._parcels.history(courier, number)
        if not moves:
            raise ApiError(400, "Waybill ID not found", 40003001)
        return {
            "success": True,
            "messsage": "Successfully get tracking info",
            "object": "tracking",
            "id": f"sim-{number}",
            "waybill_id": number,
            "courier": {"company": courier, "driver_name": None, "driver_phone": None},
            "origin": {"contact_name": None, "address": None},
            "destination": {"contact_name": None, "address": None},
            "history": [
                {"note": move.word, "status": move.word, "updated_at": move.at.isoformat()}
                for move in moves
            ],
            "link": None,
            "order_id": None,
            "status": moves[-1].word,
        }


def _json(raw: bytes) -> Json:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ApiError(400, "Request body is not valid JSON", 40001000)
    return body


def _area(body: Json, name: str, code: int) -> Area:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ApiError(400, f"{name} must be a number", code)
    area = geography.by_postal_code(str(value))
    if area is None:
        raise ApiError(400, f"{name} is not found", code)
    return area


def _items(body: Json) -> list[Json]:
    items = body.get("items")
    if not isinstance(items, list) or not items:
        raise ApiError(400, "items is required", 40001010)
    if not all(isinstance(item, dict) for item in items):
        raise ApiError(400, "items must be objects", 40001010)
    return items


def _grams(item: Json) -> int:
    if not isinstance(item.get("name"), str) or not item["name"]:
        raise ApiError(400, "items.name is required", 40001011)
    counts = {name: item.get(name) for name in ("value", "weight", "quantity")}
    for name, value in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ApiError(400, f"items.{name} must be a positive number", 40001012)
    for side in ("length", "width", "height"):
        if side in item and not 1 <= item[side] <= _LONGEST_SIDE_CM:
            raise ApiError(400, f"items.{side} must be in centimetres", 40001013)
    return int(item["weight"]) * int(item["quantity"])


def _couriers(body: Json) -> set[str]:
    couriers = body.get("couriers")
    if not isinstance(couriers, str) or not couriers:
        raise ApiError(400, "couriers is required", 40001015)
    return {courier.strip() for courier in couriers.split(",")}


def _place(area: Area) -> Json:
    return {
        "location_id": None,
        "latitude": None,
        "longitude": None,
        "postal_code": int(area.postal_code),
        "country_name": "Indonesia",
        "country_code": "ID",
        "administrative_division_level_1_name": area.province.title(),
        "administrative_division_level_1_type": "province",
        "administrative_division_level_2_name": area.city.title(),
        "administrative_division_level_2_type": "city",
        "administrative_division_level_3_name": area.district.title(),
        "administrative_division_level_3_type": "district",
    }


def _priced(service: geography.Service, origin: Area, destination: Area, grams: int) -> Json:
    low, high = geography.days(service, origin, destination)
    price = geography.price(service, origin, destination, grams=grams)
    return {
        "available_collection_method": ["pickup"],
        "available_for_cash_on_delivery": False,
        "available_for_proof_of_delivery": False,
        "available_for_instant_waybill_id": True,
        "available_for_insurance": True,
        "company": service.courier,
        "courier_name": service.courier_name,
        "courier_code": service.courier,
        "courier_service_name": service.name,
        "courier_service_code": service.code,
        "currency": "IDR",
        "description": f"Layanan {service.name}",
        "duration": f"{low} - {high} days",
        "shipment_duration_range": f"{low} - {high}",
        "shipment_duration_unit": "days",
        "service_type": "standard",
        "shipping_type": "parcel",
        "price": price,
        "shipping_fee": price,
        "tax_lines": [],
        "type": service.code,
    }
