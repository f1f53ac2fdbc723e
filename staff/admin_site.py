"""The admin as this product serves it: the theme's, with our log-in and pages of one's own."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite


class StaffSite(UnfoldAdminSite):
    def extra_urls(self) -> list[URLPattern]:
        """The theme asks for them."""
        # Imported here: the models they need are loaded after this class is.
        from staff.log_in.code_step import code_step
        from staff.second_factor.page import second_factor_page

        return [
            path("login/code/", never_cache(code_step), name="login_code"),
            path("second-factor/", self.admin_view(second_factor_page), name="second_factor"),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # They stand in colours.css: the theme would write them into a style element of each page,
        # which the content security policy does not let through.
        return {**super().each_context(request), "colors": None}

    @method_decorator(never_cache)
    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """As Django's, which leaves no place for a second step."""
        from staff.log_in.password_step import PasswordStep

        index = reverse("admin:index", current_app=self.name)
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(index)
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
        }
        if REDIRECT_FIELD_NAME not in {*request.GET, *request.POST}:
            context[REDIRECT_FIELD_NAME] = index
        context.update(extra_context or {})
        request.current_app = self.name
        view = PasswordStep.as_view(extra_context=context, template_name="admin/login.html")
        return view(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The old password may be guessed here as seldom as at log-in: a desk may be unattended."""
        from staff import lock_out

        name = request.user.get_username()
        if request.method == "POST" and lock_out.is_locked_out(request, name):
            messages.error(request, lock_out.sentence())
            return HttpResponseRedirect(request.path)
        response: HttpResponseBase = super().password_change(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if form is not None and form.has_error("old_password", "password_incorrect"):
            lock_out.count_failure(request, name)
        return response
