"""Who works in the company of the demonstration."""

from dataclasses import dataclass

CLASSES = {
    "interna": ("Interna", [("Usuarios", "2XX"), ("Agentes", "3XX")]),
    "nacional": (
        "Nacional",
        [
            ("Usuarios", "2XX"),
            ("Agentes", "3XX"),
            ("Móviles", "[67]XXXXXXXX"),
            ("Fijos", "[89][1-8]XXXXXXX"),
            ("Gratuitos", "[89]00XXXXXX"),
            ("Emergencias", "112"),
        ],
    ),
    "internacional": (
        "Internacional",
        [
            ("Usuarios", "2XX"),
            ("Agentes", "3XX"),
            ("Móviles", "[67]XXXXXXXX"),
            ("Fijos", "[89][1-8]XXXXXXX"),
            ("Gratuitos", "[89]00XXXXXX"),
            ("Emergencias", "112"),
            ("Otros países", "00Z."),
        ],
    ),
}
"""Service classes by code: the name, and label and pattern of each kind of number."""


@dataclass(frozen=True, slots=True)
class Person:
    """A subscriber of the demonstration; the password is everybody's."""

    number: str
    first_name: str
    last_name: str
    username: str
    access_pin: str
    call_class: str
    forward_class: str
    department: str
    devices: tuple[tuple[str, str], ...]

    @property
    def display_name(self) -> str:
        """``Ana López``."""
        return f"{self.first_name} {self.last_name}"


MANNERS = {"302": "busy", "981000132": "noanswer"}
"""Who does not answer when called from the portal, and what is heard instead."""


PEOPLE = (
    Person(
        "201",
        "Ana",
        "López",
        "ana.lopez",
        "4201",
        "internacional",
        "nacional",
        "Administración",
        (("201", "Teléfono de mesa"), ("201-movil", "Aplicación en el móvil")),
    ),
    Person(
        "202",
        "Bruno",
        "Martín",
        "bruno.martin",
        "4202",
        "nacional",
        "nacional",
        "Compras",
        (("202", "Teléfono de mesa"),),
    ),
    Person(
        "203",
        "Carla",
        "Ruiz",
        "carla.ruiz",
        "4203",
        "nacional",
        "interna",
        "Logística",
        (("203", "Teléfono de mesa"),),
    ),
    Person(
        "204",
        "Diego",
        "Sanz",
        "diego.sanz",
        "4204",
        "internacional",
        "internacional",
        "Dirección",
        (("204", "Teléfono de mesa"), ("204-casa", "Teléfono en casa")),
    ),
    Person(
        "301",
        "Elena",
        "Gil",
        "elena.gil",
        "4301",
        "nacional",
        "interna",
        "Atención al cliente",
        (("301", "Puesto de agente 1"),),
    ),
    Person(
        "302",
        "Fermín",
        "Vega",
        "fermin.vega",
        "4302",
        "nacional",
        "interna",
        "Atención al cliente",
        (("302", "Puesto de agente 2"),),
    ),
)

CHANGES: dict[str, list[tuple[int, dict[str, object]]]] = {
    "201": [
        (26, {"no_answer_to_voicemail": True}),
        (19, {"not_connected_number": "600000121", "not_connected_number_enabled": True}),
        (9, {"unconditional_number": "203", "unconditional_number_enabled": True}),
        (7, {"unconditional_number_enabled": False}),
        (3, {"ring_seconds": 25, "busy_to_voicemail": True}),
    ],
    "202": [
        (15, {"no_answer_number": "203", "no_answer_number_enabled": True}),
        (15, {"not_connected_to_voicemail": True}),
    ],
    "203": [
        (21, {"no_answer_to_voicemail": True, "busy_to_voicemail": True}),
        (4, {"ring_seconds": 15}),
    ],
    "204": [
        (12, {"no_answer_to_voicemail": True, "not_connected_to_voicemail": True}),
        (1, {"unconditional_number": "600000124", "unconditional_number_enabled": True}),
    ],
    "301": [(5, {"not_connected_number": "302", "not_connected_number_enabled": True})],
}
"""What each set in the past: how many days ago, and the fields. The last state is in force."""
