"""The address books of the demonstration."""

from dataclasses import dataclass

LANDLINE, MOBILE = "landline", "mobile"


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact; ``owner`` is a subscriber's number, ``""`` for the company's book."""

    first_name: str
    last_name: str
    second_last_name: str
    company: str
    number: str
    number_type: str
    city: str = ""
    province: str = ""
    address: str = ""
    postcode: str = ""
    owner: str = ""

    @property
    def display_name(self) -> str:
        """What a telephone would show."""
        return " ".join(filter(None, [self.first_name, self.last_name]))


CORPORATE = (
    Entry("Lucía", "Herrero", "Campos", "Imprenta Duero", "983000110", LANDLINE,
          "Valladolid", "Valladolid", "Calle de la Imprenta, 4", "47003"),
    Entry("Recepción", "", "", "Hotel Mirador", "923000115", LANDLINE,
          "Salamanca", "Salamanca", "Plaza del Mercado, 1", "37001"),
    Entry("Óscar", "Peña", "Ibáñez", "Transportes Ulla", "981000132", LANDLINE,
          "Santiago de Compostela", "A Coruña", "Rúa do Ensino, 21", "15702"),
    Entry("Marta", "Iturbe", "Sola", "Talleres Arga", "948000141", LANDLINE,
          "Pamplona", "Navarra", "Calle Mayor, 88", "31001"),
    Entry("Jordi", "Ferrer", "Puig", "Gràfiques Ferrer", "930000152", LANDLINE,
          "Barcelona", "Barcelona", "Carrer de la Mar, 9", "08003"),
    Entry("Nerea", "Etxeberria", "Lasa", "Aholku Asesores", "943000161", LANDLINE,
          "Donostia", "Gipuzkoa", "Kale Nagusia, 12", "20003"),
    Entry("Xoán", "Castro", "Rial", "Conservas Rial", "986000173", LANDLINE,
          "Vigo", "Pontevedra", "Avenida do Porto, 30", "36202"),
    Entry("Soporte", "", "", "Redes del Tajo", "925000180", LANDLINE,
          "Toledo", "Toledo", "Ronda del Valle, 7", "45004"),
    Entry("Pilar", "Navarro", "Gracia", "Gestoría Navarro", "976000191", LANDLINE,
          "Zaragoza", "Zaragoza", "Paseo de la Ribera, 16", "50003"),
    Entry("Ramón", "Vidal", "Ortega", "Seguros Levante", "960000203", LANDLINE,
          "València", "Valencia", "Calle del Puerto, 52", "46011"),
    Entry("Teresa", "Aguilar", "Romero", "Clínica San Telmo", "954000214", LANDLINE,
          "Sevilla", "Sevilla", "Calle del Río, 3", "41002"),
    Entry("Almacén", "", "", "Distribuciones Meseta", "910000225", LANDLINE,
          "Getafe", "Madrid", "Polígono Los Ángeles, nave 8", "28906"),
    Entry("Iván", "Cano", "Bravo", "Distribuciones Meseta", "600000226", MOBILE,
          "Getafe", "Madrid"),
    Entry("Helena", "Marqués", "Pons", "Viatges Pons", "971000231", LANDLINE,
          "Palma", "Illes Balears", "Carrer del Moll, 18", "07012"),
    Entry("Guardia", "", "", "Ascensores Cima", "900000240", LANDLINE, "Madrid", "Madrid"),
    Entry("Andrés", "Molina", "Cuesta", "Ascensores Cima", "600000241", MOBILE,
          "Madrid", "Madrid"),
    Entry("Noelia", "Prieto", "Salas", "Limpiezas Prisma", "600000252", MOBILE,
          "Alcorcón", "Madrid"),
    Entry("Gonzalo", "Rey", "Martos", "Notaría Rey", "958000263", LANDLINE,
          "Granada", "Granada", "Gran Vía, 41", "18001"),
    Entry("Emily", "Carter", "", "Northgate Ltd.", "00442079460018", LANDLINE,
          "Londres", ""),
    Entry("Luc", "Moreau", "", "Moreau et Fils", "0033140000012", LANDLINE, "París", ""),
    Entry("Beatriz", "Lobo", "Santos", "Ferreira & Lobo", "00351210000014", LANDLINE,
          "Lisboa", ""),
    Entry("Daniel", "Crespo", "Mora", "Informática Crespo", "600000271", MOBILE,
          "Cáceres", "Cáceres"),
)  # fmt: skip

PERSONAL = (
    Entry("Móvil", "mío", "", "", "600000121", MOBILE, owner="201"),
    Entry("Casa", "", "", "", "910000122", LANDLINE, "Madrid", "Madrid", owner="201"),
    Entry("Sergio", "López", "Arias", "", "600000301", MOBILE, owner="201"),
    Entry("Colegio", "Los Olmos", "", "", "910000302", LANDLINE, "Madrid", "Madrid",
          "Calle del Olmo, 5", "28012", owner="201"),
    Entry("Rosa", "Arias", "Vela", "", "600000303", MOBILE, "Ávila", "Ávila", owner="201"),
    Entry("Dentista", "", "", "Clínica Norte", "910000304", LANDLINE, owner="201"),
    Entry("Lucía", "(imprenta)", "", "Imprenta Duero", "600000111", MOBILE, owner="201"),
    Entry("Taller", "", "", "Motor Retiro", "910000305", LANDLINE, owner="201"),
    Entry("Irene", "Martín", "Soto", "", "600000311", MOBILE, owner="202"),
    Entry("Casa", "", "", "", "910000312", LANDLINE, owner="202"),
    Entry("Pádel", "", "", "Club La Vega", "600000313", MOBILE, owner="202"),
    Entry("Óscar", "de Ulla", "", "Transportes Ulla", "600000133", MOBILE, owner="202"),
    Entry("Mamá", "", "", "", "921000321", LANDLINE, "Segovia", "Segovia", owner="203"),
    Entry("Julia", "Ruiz", "Pardo", "", "600000322", MOBILE, owner="203"),
    Entry("Fisio", "", "", "Centro Ágora", "600000323", MOBILE, owner="203"),
    Entry("Móvil", "mío", "", "", "600000124", MOBILE, owner="204"),
    Entry("Clara", "Sanz", "Díez", "", "600000331", MOBILE, owner="204"),
    Entry("Garaje", "", "", "", "910000332", LANDLINE, owner="204"),
    Entry("Nuria", "Gil", "Roca", "", "600000341", MOBILE, owner="301"),
    Entry("Paco", "Vega", "Luna", "", "600000351", MOBILE, owner="302"),
)  # fmt: skip
