"""Customers and what is known of them, in the local database."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.phone import normalise

NOT_A_NUMBER = _("Write + and the country code first, such as +351 200 000 000.")


class CustomerManager(models.Manager["Customer"]):
    def get_by_natural_key(self, phone: str) -> "Customer":
        return self.get(phone=phone)


class Customer(models.Model):
    class Status(models.TextChoices):
        LEAD = "lead", _("Lead")
        ACTIVE = "active", _("Active")
        VIP = "vip", _("VIP")
        CLOSED = "closed", _("Closed")

    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(
        _("phone number"),
        max_length=32,
        unique=True,
        help_text=_("With country code, such as +351 200 000 000. Callers are recognised by it."),
    )
    language = models.CharField(
        _("language"),
        max_length=16,
        blank=True,
        help_text=_("Such as en, pt or pt-BR. Empty: not known."),
    )
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.LEAD)
    notes = models.TextField(
        _("notes"),
        blank=True,
        help_text=_("The agent reads this during a call and may say it to the caller."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CustomerManager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.phone = self._normalised_phone()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.phone = self._normalised_phone()
        if CustomerPhone.objects.filter(number=self.phone).exists():
            raise ValidationError({"phone": _("This is a further number of a customer already.")})

    def natural_key(self) -> tuple[str]:
        return (self.phone,)

    def _normalised_phone(self) -> str:
        number = normalise(self.phone)
        if number is None:
            raise ValidationError({"phone": NOT_A_NUMBER})
        return number


class CustomerPhone(models.Model):
    """One more number the same person calls from."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="more_phones", verbose_name=_("customer")
    )
    number = models.CharField(_("number"), max_length=32, unique=True)

    class Meta:
        ordering = ("number",)
        verbose_name = _("further number")
        verbose_name_plural = _("further numbers")

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number = self._normalised()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.number = self._normalised()
        # Whoever is looked up by it would otherwise depend on which table is asked first.
        if Customer.objects.filter(phone=self.number).exists():
            raise ValidationError({"number": _("A customer is on record with this number.")})

    def _normalised(self) -> str:
        number = normalise(self.number)
        if number is None:
            raise ValidationError({"number": NOT_A_NUMBER})
        return number


class CustomerFactManager(models.Manager["CustomerFact"]):
    def get_by_natural_key(self, phone: str, text: str) -> "CustomerFact":
        return self.get(customer__phone=phone, text=text)


class CustomerFact(models.Model):
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="facts", verbose_name=_("customer")
    )
    text = models.CharField(
        _("fact"),
        max_length=500,
        help_text=_("One sentence, such as: Prefers morning appointments."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CustomerFactManager()

    class Meta:
        ordering = ("created_at", "pk")
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "text"),
                name="customers_fact_once",
                violation_error_message=_("This fact is on record already."),
            ),
        )

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str, str]:
        return (*self.customer.natural_key(), self.text)


class Appointment(models.Model):
    """A part of a calendar, given to a customer.

    Two that are booked in one calendar never overlap: the database sees to that, by triggers in
    SQLite and by an exclusion constraint in PostgreSQL (migrations/0003_appointments.py).
    """

    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CANCELLED = "cancelled", _("Cancelled")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="appointments", verbose_name=_("customer")
    )
    calendar = models.CharField(
        _("calendar"),
        max_length=40,
        default="main",
        help_text=_("The one that the agent of the business names."),
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    reason = models.CharField(_("what for"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.BOOKED)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        ordering = ("starts_at", "pk")
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        indexes = (models.Index(fields=("calendar", "starts_at")),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="customers_appointment_has_length",
                violation_error_message=_("It has to end after it begins."),
            ),
        )

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"
