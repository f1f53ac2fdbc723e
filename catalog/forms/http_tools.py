"""An HTTP tool as staff write it down: every mistake is a sentence, beside what it is about."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.forms import PaginationInlineFormSet

from catalog.known_tools import known_tool
from catalog.models import HttpTool
from catalog.tools.headers import HeadersUnusable, header_lines
from catalog.tools.http import HttpToolUnusable, check_places, http_call
from catalog.tools.http_bodies import body_template
from catalog.tools.http_urls import url_template
from catalog.tools.http_values import TemplateUnusable
from catalog.tools.spec import Source


class HttpToolForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = HttpTool
        fields = ("name",)  # The admin adds those of its page.

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        known = known_tool(name)
        if known is not None and known.source is not Source.HTTP:
            raise ValidationError(_("Another tool has the name %(name)s.") % {"name": name})
        return name

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            url_template(url)
        except TemplateUnusable as error:
            raise ValidationError(str(error)) from error
        return url

    def clean_headers(self) -> str:
        headers: str = self.cleaned_data["headers"]
        try:
            header_lines(headers)
        except HeadersUnusable as error:
            raise ValidationError(str(error)) from error
        return headers

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        try:
            body_template(body)
        except TemplateUnusable as error:
            raise ValidationError(str(error)) from error
        return body

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            fields = {name: cleaned[name] for name in ("name", "method", "url", "headers", "body")}
            try:
                http_call(HttpTool(**fields))
            except HttpToolUnusable as error:
                self.add_error("body", str(error))
        return cleaned


class HttpToolParameterFormSet(PaginationInlineFormSet):  # type: ignore[misc]
    """Its `instance` is the tool as it was just filled in."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        parameters = [form.instance for form in self.forms if _is_kept(form.cleaned_data)]
        try:
            call = http_call(self.instance)
        except HttpToolUnusable:
            return  # The form above says so.
        try:
            check_places(call, parameters)
        except HttpToolUnusable as error:
            raise ValidationError(str(error)) from error


def _is_kept(line: dict[str, Any]) -> bool:
    return bool(line.get("name") and not line.get("DELETE"))
