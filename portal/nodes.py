"""The Asterisk nodes, as environment variables name them."""

from environ import Env


def asterisk_nodes(env: Env) -> list[dict[str, object]]:
    """``WEBFON_NODES=madrid,reserva`` and, for each, ``WEBFON_MADRID_HOST``, ``_SECRET`` …"""
    nodes: list[dict[str, object]] = []
    for name in env.list("WEBFON_NODES", default=[]):
        prefix = f"WEBFON_{name.upper()}_"
        nodes.append(
            {
                "name": name,
                "host": env(prefix + "HOST", default="127.0.0.1"),
                "port": env.int(prefix + "PORT", default=5038),
                "user": env(prefix + "USER", default="webfon-rules"),
                "secret": env(prefix + "SECRET"),
                "voicemail_secret": env(prefix + "VOICEMAIL_SECRET", default=""),
                "calls_secret": env(prefix + "CALLS_SECRET", default=""),
                "acd_secret": env(prefix + "ACD_SECRET", default=""),
                "tls_ca": env(prefix + "TLS_CA", default=""),
                "spool": env(prefix + "SPOOL", default="/var/spool/asterisk/voicemail"),
                "cdr_csv": env(
                    prefix + "CDR_CSV", default="/var/log/asterisk/cdr-custom/webfon.csv"
                ),
            }
        )
    return nodes
