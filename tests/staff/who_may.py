"""Who may open which page of the admin, and who may send it something. To be read as a table.

A new page fails tests/staff/test_roles.py until it stands here.
"""

from collections.abc import Iterator
from typing import NamedTuple

# A anybody, C a colleague without a role, E an editor, M a manager, S a supervisor, X a superuser.
EVERYBODY = "ACEMSX"
STAFF = "CEMSX"
CATALOG = "ESX"
CALLS = "MSX"
SEE_CUSTOMERS = "EMSX"
KEEP_CUSTOMERS = "SX"
SUPERVISORS = "SX"
SUPERUSERS = "X"
NOBODY = ""


class Page(NamedTuple):
    get: str
    post: str


def pages_of(
    model: str, *, see: str, add: str = NOBODY, change: str = NOBODY, delete: str = NOBODY
) -> Iterator[tuple[str, Page]]:
    """The pages that every model has. To send a list something needs an action that it offers."""
    yield f"{model}_changelist", Page(see, see)
    yield f"{model}_add", Page(add, add)
    yield f"{model}_change", Page(see, change)
    yield f"{model}_delete", Page(delete, delete)
    yield f"{model}_history", Page(see, see)


PAGES: dict[str, Page] = {
    # page                        who may open it     who may send it something
    "index": Page(STAFF, STAFF),
    "login": Page(EVERYBODY, EVERYBODY),
    "login_code": Page(NOBODY, NOBODY),  # only for who has just given the right password
    "second_factor": Page(STAFF, STAFF),  # one's own
    "logout": Page("A", EVERYBODY),  # who is not logged in is led to the first page
    "password_change": Page(STAFF, STAFF),
    "password_change_done": Page(STAFF, NOBODY),
    "jsi18n": Page(STAFF, NOBODY),
    "search": Page(STAFF, STAFF),  # of pages, among those one may open
    "autocomplete": Page(CATALOG, NOBODY),  # asked for prompts
    "view_on_site": Page(NOBODY, NOBODY),
    "app_list auth": Page(SUPERUSERS, SUPERUSERS),
    "app_list calls": Page(CALLS, CALLS),
    "app_list catalog": Page(CATALOG, CATALOG),
    "app_list customers": Page(SEE_CUSTOMERS, SEE_CUSTOMERS),
    "app_list staff": Page(SUPERVISORS, SUPERVISORS),
    **dict(pages_of("catalog_agent", see=CATALOG, add=CATALOG, change=CATALOG, delete=CATALOG)),
    **dict(
        pages_of("catalog_phonenumber", see=CATALOG, add=CATALOG, change=CATALOG, delete=CATALOG)
    ),
    **dict(pages_of("catalog_clip", see=CATALOG, add=CATALOG, change=CATALOG, delete=CATALOG)),
    "catalog_recording_audio": Page(CATALOG, CATALOG),
    "catalog_recording_original": Page(CATALOG, CATALOG),
    "catalog_recording_publish": Page(NOBODY, CATALOG),
    "catalog_recording_discard": Page(NOBODY, CATALOG),
    **dict(pages_of("catalog_prompt", see=CATALOG, add=CATALOG, change=CATALOG, delete=CATALOG)),
    "catalog_prompt_compare": Page(CATALOG, CATALOG),
    "catalog_promptversion_publish": Page(NOBODY, CATALOG),
    "calls_prompt_preview": Page(CATALOG, CATALOG),
    **dict(pages_of("catalog_tool", see=CATALOG, change=CATALOG, delete=CATALOG)),
    **dict(pages_of("catalog_httptool", see=CATALOG, add=CATALOG, change=CATALOG, delete=CATALOG)),
    **dict(pages_of("catalog_mcpserver", see=CATALOG, add=CATALOG, change=CATALOG, delete=CATALOG)),
    "catalog_httptool_try": Page(CATALOG, CATALOG),  # sends nothing until it is filled in
    **dict(pages_of("catalog_catalogrevision", see=CATALOG)),
    "catalog_catalogrevision_change": Page(CATALOG, CATALOG),  # takes nothing: only shows
    "catalog_catalogrevision_roll_back": Page(NOBODY, CATALOG),
    "catalog_catalogrevision_serving": Page(STAFF, STAFF),  # the line on every page
    **dict(
        pages_of(
            "customers_customer",
            see=SEE_CUSTOMERS,
            add=KEEP_CUSTOMERS,
            change=KEEP_CUSTOMERS,
            delete=KEEP_CUSTOMERS,
        )
    ),
    **dict(
        pages_of(
            "customers_appointment",
            see=SEE_CUSTOMERS,
            add=KEEP_CUSTOMERS,
            change=KEEP_CUSTOMERS,
            delete=KEEP_CUSTOMERS,
        )
    ),
    **dict(pages_of("calls_call", see=CALLS)),
    "calls_call_review": Page(NOBODY, CALLS),
    "calls_call_recording": Page(NOBODY, NOBODY),  # the sample was not recorded
    "calls_dashboard_csv": Page(CALLS, NOBODY),
    "calls_call_export_csv": Page(CALLS, NOBODY),
    "calls_call_export_json": Page(CALLS, NOBODY),
    **dict(
        pages_of(
            "calls_webhook",
            see=SUPERVISORS,
            add=SUPERVISORS,
            change=SUPERVISORS,
            delete=SUPERVISORS,
        )
    ),
    **dict(pages_of("calls_webhookdelivery", see=CALLS)),
    "calls_call_erase_caller": Page(SUPERVISORS, SUPERVISORS),
    "calls_live": Page(CALLS, CALLS),
    **dict(
        pages_of("auth_user", see=SUPERUSERS, add=SUPERUSERS, change=SUPERUSERS, delete=SUPERUSERS)
    ),
    "auth_user_password_change": Page(SUPERUSERS, SUPERUSERS),
    **dict(
        pages_of("auth_group", see=SUPERUSERS, add=SUPERUSERS, change=SUPERUSERS, delete=SUPERUSERS)
    ),
    **dict(pages_of("staff_auditentry", see=SUPERVISORS)),
}
