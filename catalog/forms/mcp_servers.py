"""A remote MCP server as staff write it down: every mistake is a sentence beside its field."""

import httpx2
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.models import McpServer
from catalog.tools.headers import HeadersUnusable, header_lines
from catalog.tools.outbound import refusal


class McpServerForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = McpServer
        fields = ("name",)  # The admin adds those of its page.

    def clean_url(self) -> str:
        written: str = self.cleaned_data["url"].strip()
        try:
            url = httpx2.URL(written)
        except httpx2.InvalidURL as error:
            raise ValidationError(_("This is no address.")) from error
        if url.userinfo:
            raise ValidationError(
                _("No user name or password in the address: put secrets into the headers.")
            )
        problem = refusal(url)
        if problem:
            raise ValidationError(problem)
        return written

    def clean_headers(self) -> str:
        headers: str = self.cleaned_data["headers"]
        try:
            header_lines(headers)
        except HeadersUnusable as error:
            raise ValidationError(str(error)) from error
        return headers
