"""RajaOngkir's side (Komerce, v2): areas by search, and what a parcel costs between two of them."""

import hmac
import re
from urllib.parse import parse_qs

from . import geography
from .errors import ApiError, Json
from .geography import Area
from .parcels import Move, Parcels
from .routing import Request

HEAVIEST_GRAMS = 50_000


class RajaOngkir:
    def __init__(self, *, key: str, parcels: Parcels) -> None:
        self._key = key
        self._parcels = parcels

    def authenticate(self, request: Request) -> None:
        given = request.headers.get("key", "")
        if not hmac.compare_digest(given.encode(), self._key.encode()):
            raise ApiError(401, "Invalid Api key, key not found")

    def search(self, request: Request) -> Json:
        text = request.argument("search")
        if not text:
            raise ApiError(422, "search is required")
        limit = request.argument("limit") or "10"
        if not re.fullmatch(r"\d{1,4}", limit):
            raise ApiError(422, "limit must be a number")
        found = geography.search(text)[: int(limit)]
        if not found:
            raise ApiError(404, "Domestic Destinations Data not found")
        return _success("Success Get Domestic Destinations", [_described(area) for area in found])

    def cost(self, request: Request) -> Json:
        if request.headers.get_content_type() != "application/x-www-form-urlencoded":
            raise ApiError(422, "the body must be form-urlencoded")
        given = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        origin, destination = _area(given, "origin"), _area(given, "destination")
        weight = given.get("weight", "")
        if not re.fullmatch(r"[1-9]\d{0,5}", weight) or int(weight) > HEAVIEST_GRAMS:
            raise ApiError(422, f"weight must be between 1 and {HEAVIEST_GRAMS} grams")
        wanted = set(filter(None, given.get("courier", "").split(":")))
        if not wanted or given.get("price", "lowest") not in ("lowest", "highest"):
            raise ApiError(422, "courier is required, price is lowest or highest")
        priced = [
            _priced(service, origin, destination, int(weight))
            for service in geography.SERVICES
            if service.courier in wanted
        ]
        priced.sort(key=lambda row: int(row["cost"]))
        return _success("Success Calculate Domestic Shipping cost", priced)

    def track(self, request: Request) -> Json:
        number, courier = request.argument("awb"), request.argument("courier")
        if not number or not courier:
            raise ApiError(422, "awb and courier are required")
        if courier == "jne" and not re.fullmatch(r"\d{5}", request.argument("last_phone_number")):
            raise ApiError(422, "last_phone_number must be the last 5 digits")
        moves = self._parcels.history(courier, number)
        if not moves:
            raise ApiError(404, "Invalid Waybill")
        word = moves[-1].word.replace("_", " ").upper()
        is_delivered = word == "DELIVERED"
        found = {
            "delivered": is_delivered,
            "summary": {"courier_code": courier, "waybill_number": number, "status": word},
            "details": None,
            "delivery_status": {
                "status": word,
                "pod_receiver": "",
                "pod_date": f"{moves[-1].at:%Y-%m-%d}" if is_delivered else "",
                "pod_time": f"{moves[-1].at:%H:%M:%S}" if is_delivered else "",
            },
            "manifest": [_manifest(move) for move in moves],
        }
        return {
            "meta": {"message": "Success Get Waybill", "code": 200, "status": "success"},
            "data": found,
        }


def _manifest(move: Move) -> Json:
    return {
        "manifest_code": "1",
        "manifest_description": move.word,
        "manifest_date": f"{move.at:%Y-%m-%d}",
        "manifest_time": f"{move.at:%H:%M:%S}",
        "city_name": "SIMULASI",
    }


def _success(message: str, data: list[Json]) -> Json:
    return {"meta": {"message": message, "code": 200, "status": "success"}, "data": data}


def _described(area: Area) -> Json:
    return {
        "id": area.id,
        "label": area.label,
        "province_name": area.province,
        "city_name": area.city,
        "district_name": area.district,
        "subdistrict_name": area.subdistrict,
        "zip_code": area.postal_code,
    }


def _area(given: dict[str, str], name: str) -> Area:
    text = given.get(name, "")
    area = geography.by_id(int(text)) if re.fullmatch(r"\d{1,9}", text) else None
    if area is None:
        raise ApiError(404, f"{name} not found")
    return area


def _priced(service: geography.Service, origin: Area, destination: Area, grams: int) -> Json:
    low, high = geography.days(service, origin, destination)
    # J&T says nothing about time there.
    etd = "" if service.courier == "jnt" else f"{low}-{high} day"
    return {
        "name": service.courier_name,
        "code": service.courier,
        "service": service.code.upper(),
        "description": f"Layanan {service.name}",
        "cost": geography.price(service, origin, destination, grams=grams),
        "etd": etd,
    }
