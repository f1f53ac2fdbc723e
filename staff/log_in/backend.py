"""Who is this session's person? Asked by every request, with what standing.py has to know."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User

from staff.second_factor.devices import with_devices


class StaffBackend(ModelBackend):
    """Django's, in one query."""

    def get_user(self, user_id: int) -> User | None:
        user = with_devices(User.objects.filter(pk=user_id)).first()
        return user if user is not None and self.user_can_authenticate(user) else None
