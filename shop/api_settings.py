"""How the API answers and describes itself: the part of the settings that is nobody else's."""

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["shop.api.bearer.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "shop.api.errors.problem_handler",
    "UNAUTHENTICATED_USER": None,
    # `format` is a parameter like any other that nobody knows.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Etalase API",
    "DESCRIPTION": "All that a customer can do on the pages, for the mobile app.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # The values stand beside it already.
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "orders.models.OrderStatus",
        "ShipmentStatus": "orders.models.ShipmentStatus",
        "PaymentStatus": "payments.status.PaymentStatus",
        "FulfilmentStatus": "orders.status.FulfilmentStatus",
        "AttemptState": "payments.models.AttemptState",
        "ReturnState": "orders.models.ReturnState",
        "ReturnOutcome": "orders.models.ReturnOutcome",
        "ReturnReason": "orders.models.ReturnReason",
        "ReviewFitOrNone": "shop.api.serializers.reviews.FIT_OR_NONE",
        "ReviewState": "orders.models.ReviewState",
        "PhotoState": "orders.models.PhotoState",
        "RateSource": "orders.models.RateSource",
        "ReviewFit": "orders.models.ReviewFit",
    },
}
