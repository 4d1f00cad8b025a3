"""The page of the clave de acceso: how one logs in at another telephone, and with what."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ajustes import telephone_code
from ajustes.telephone_code import CodeForm
from portal.access import SubscriberRequest, subscriber_required


@sensitive_post_parameters()
@subscriber_required
@never_cache
@require_http_methods(["GET", "POST"])
def clave(request: SubscriberRequest) -> HttpResponse:
    """Explain; store the clave that is sent."""
    form = CodeForm(request.subscriber, request.POST if request.method == "POST" else None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        telephone_code.save(request, request.subscriber, code, at=timezone.now())
        messages.success(request, _("Clave guardada. Vale en unos segundos en los teléfonos."))
        return redirect("ajustes:clave")
    codes: dict[str, str] = settings.FEATURE_CODES
    context = {"form": form, "login_code": codes.get("login"), "logout_code": codes.get("logout")}
    return render(request, "ajustes/clave.html", context, status=422 if form.errors else 200)
