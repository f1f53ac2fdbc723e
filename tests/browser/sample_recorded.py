"""Run as a module, in a site's environment: calls are recorded, and three people read of them."""

# ruff: noqa: E402 (Models can be imported once Django is set up.)

import django

django.setup()

from django.contrib.auth.models import Group, Permission, User

from catalog.models import Agent, Clip
from catalog.publishing import publish_recording
from staff.roles import MANAGERS
from tests.browser.sample_data import a_recording
from tests.browser.set_up import PASSWORD

if __name__ == "__main__":
    consent = Clip.objects.create(name="Announcement")
    publish_recording(a_recording(consent, 9.0, "This call is recorded.", "First"))
    agent = Agent.objects.get(is_default=True)
    agent.record_calls, agent.consent_clip = True, consent
    agent.save()
    manager = User.objects.create_user("mara", password=PASSWORD, is_staff=True)
    manager.groups.add(Group.objects.get(name=MANAGERS))
    reader = User.objects.create_user("rui", password=PASSWORD, is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_call"))
