"""A remote MCP server as staff write it down: every mistake is a sentence beside its field."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.models import McpServer
from catalog.tools.headers import HeadersUnusable, header_lines
from catalog.tools.http_urls import url_template
from catalog.tools.http_values import TemplateUnusable


class McpServerForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = McpServer
        fields = ("name",)  # The admin adds those of its page.

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            template = url_template(url)
        except TemplateUnusable as error:
            raise ValidationError(str(error)) from error
        if template.names:
            raise ValidationError(_("This address has no parameters: nothing stands in braces."))
        return url

    def clean_headers(self) -> str:
        headers: str = self.cleaned_data["headers"]
        try:
            header_lines(headers)
        except HeadersUnusable as error:
            raise ValidationError(str(error)) from error
        return headers
