"""The chat for administrators and supervisors."""

from django.contrib import admin

from chat.admin.history import ConversationAdmin
from chat.admin.live import chat_ahora
from chat.admin.staff import AgentAdmin, CallbackTaskAdmin, ServiceAdmin

__all__ = ["AgentAdmin", "CallbackTaskAdmin", "ConversationAdmin", "ServiceAdmin"]

admin.site.add_page("chat/ahora/", chat_ahora)  # type: ignore[attr-defined]
