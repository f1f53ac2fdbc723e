"""How staff log in, for the settings: how many failures, how long a session, which second step."""

from datetime import timedelta

from voiceagent.env import flag, number

# Wrong passwords and codes count together, for one person from one address: staff/lock_out.py.
AXES_FAILURE_LIMIT = 7
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Trying on does not prolong it: an office behind one address would stay locked out with its guest.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "staff.client_address.client_address"
AXES_USERNAME_CALLABLE = "staff.lock_out.key_of"
# Of a failed log-in its rows keep times, the address and the browser, and nothing that was typed.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "next", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # First: who is locked out costs no password hash.
    "staff.log_in.backend.StaffBackend",
]
# Under ASGI axes' middleware calls its callable without the response (8.3.1 gives it the
# credentials in its place). The log-in page says by itself who is locked out.
SILENCED_SYSTEM_CHECKS = ["axes.W002"]

REQUIRE_TOTP = flag("REQUIRE_TOTP", default=False)
OTP_TOTP_ISSUER = "voiceagent"
TRUSTED_PROXIES = int(number("TRUSTED_PROXIES", default=0, least=0, most=10))

# Twelve hours without a page asked for by hand: staff/idle_sessions.py.
SESSION_COOKIE_AGE = 43_200
CSRF_COOKIE_HTTPONLY = True  # Pages carry the token in their forms.
