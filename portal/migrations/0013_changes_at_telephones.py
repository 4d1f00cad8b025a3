from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0012_groups_of_rights"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("forwarding", "Desvíos"),
                    ("telephone", "Desvíos desde el teléfono"),
                    ("overtaken", "Desvíos desde el teléfono, sin efecto"),
                    ("calendar", "Calendario"),
                    ("feed", "Suscripción a un calendario"),
                    ("voicemail", "Mensajes de voz"),
                    ("greeting", "Saludos del buzón"),
                    ("pin", "PIN del buzón"),
                    ("contact", "Contactos"),
                    ("profile", "Datos de contacto"),
                    ("security", "Seguridad de la entrada"),
                    ("queue", "Colas"),
                    ("subscriber", "Usuarios de telefonía"),
                    ("admin", "Administración"),
                ],
                max_length=20,
                verbose_name="qué",
            ),
        ),
    ]
