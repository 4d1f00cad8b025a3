"""What the link does, named by path: the link itself knows no page."""

LINK_JOBS = {
    "desvios.apply.apply_pending": 1,
    "desvios.apply.reconcile_all": 900,
    "desvios.telephones.catch_up": 1,
    "portal.pbx.cdr_import.import_new": 5,
    "portal.pbx.cdr.keeping.follow": 1,
    "portal.pbx.cdr.keeping.forget_old": 60,
    "portal.news.forget": 60,
    "portal.heartbeat.beat": 5,
    "portal.accounts.sessions.forget": 3600,
    "portal.lamps.look_after_guests": 60,
    "portal.presence.make_up": 5,
    "portal.calls.look_after": 5,
    "portal.calls.forget": 3600,
    "desvios.calendar.keeping.top_up": 3600,
    "desvios.calendar.keeping.forget_retired": 60,
    "desvios.exchange.feeds.refresh_due": 60,
    "agenda.exchange.work.go_on_all": 1,
    "agenda.exchange.work.forget": 3600,
    "buzon.keeping.look_after": 15,
    "buzon.keeping.empty_bins": 60,
    "buzon.keeping.end_greetings": 15,
    "buzon.notices.send_due": 2,
    "agenda.keeping.empty_bins": 600,
    "chat.distribution.distribute": 1,
    "chat.seats.sync": 15,
    "chat.keeping.forget_old": 3600,
}
"""Each job with its interval in seconds."""

LINK_NODE_UP = ["desvios.apply.reconcile"]
"""What is done for a node that came up, again until it succeeds."""

LINK_NEWS = {
    "up": ["buzon.keeping.catch_up"],
    "mailbox": ["buzon.notices.on_mailbox", "portal.lamps.on_mailbox"],
    "call": ["portal.calls.follow"],
    "device": ["portal.presence.on_device"],
    "login": [
        "portal.accounts.telephones.note",
        "portal.presence.copy_login",
        "portal.presence.on_login",
        "portal.lamps.on_login",
    ],
    "phone": ["desvios.telephones.on_phone"],
    "queue": ["portal.presence.on_queue", "chat.seats.on_queue"],
}
"""What is done with each kind of ``News``; the subject is passed, and the state of a call."""

LINK_WATCH = "portal.heartbeat.Watch"
"""How a link that stands by sees whether the active one lives."""

LINK_FIGURES = {
    "webfon_pending_writes": "desvios.figures.pending",
    "webfon_notices_waiting": "buzon.notices.waiting",
    "webfon_calls_imported_at_seconds": "portal.pbx.cdr_import.last_read",
}
"""What the link tells Prometheus: each gives numbers by node, "" for what belongs to none."""

CALL_NEWS = ["portal.news.tell_of_calls"]
"""What is done when the records of calls changed; the numbers of their subscribers are passed."""
