"""Texts of Django and allauth, in English, that these do not have in all our languages.

Nobody imports this; scripts/translations.py puts them into our catalogues, which come first.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext, pgettext

# Django: fields and forms
_("Enter a valid domain name.")
_("Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.")
_("Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens.")
_("Enter a valid %(protocol)s address.")
_("Ensure this value is a multiple of step size %(limit_value)s.")
_("File extension “%(extension)s” is not allowed. Allowed extensions are: %(allowed_extensions)s.")
_("Constraint “%(name)s” is violated.")
_("%(model)s instance with %(field)s %(value)r is not a valid choice.")
_("“%(pk)s” is not a valid value.")
_(
    "“%(value)s” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] "
    "format."
)
_(
    "“%(value)s” value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an "
    "invalid date/time."
)
_("“%(value)s” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.")
_("“%(value)s” value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time.")
_(
    "%(datetime)s couldn’t be interpreted in time zone %(current_timezone)s; it may be ambiguous "
    "or it may not exist."
)
_(
    "ManagementForm data is missing or has been tampered with. Missing fields: %(field_names)s. "
    "You may need to file a bug report if the issue persists."
)
ngettext("Please submit at most %(num)d form.", "Please submit at most %(num)d forms.", 2)
ngettext("Please submit at least %(num)d form.", "Please submit at least %(num)d forms.", 2)

# Django: passwords and users
_("Conflicting form data submitted. Please try again.")
_("Password-based authentication was disabled.")
_("Set password: %s")
_("Reset password")
_("Set password")
_(
    "Whether the user will be able to authenticate using a password or not. If disabled, they may "
    "still be able to authenticate using other backends, such as Single Sign-On or LDAP."
)
_("Password-based authentication")
_("Enabled")
_("Disabled")
_("Raw passwords are not stored, so there is no way to see the user’s password.")
_("Enable password-based authentication for this user by setting a password.")
ngettext(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
    2,
)
_(
    "Enter a valid username. This value may contain only unaccented lowercase a-z and uppercase "
    "A-Z letters, numbers, and @/./+/-/_ characters."
)
_("This action will <strong>enable</strong> password-based authentication for this user.")
_("Disable password-based authentication")
_("Enable password-based authentication")
_("After you’ve created a user, you’ll be able to edit more user options.")

# Django: the administration
_("Not empty")
_("Changed “%(object)s” — %(changes)s")
_("Changed {fields} for {name} “{object}”.")
_("Select this object for an action - {}")
_("The {name} “{obj}” was added successfully.")
_("The {name} “{obj}” was changed successfully. You may add another {name} below.")
_("The {name} “{obj}” was changed successfully.")
_(
    "There’s been an error. It’s been reported to the site administrators via email and should be "
    "fixed shortly. Thanks for your patience."
)
_("Breadcrumbs")
_("Model name")
_("Add link")
_("Change or view list link")
_("Error:")
_("Skip to main content")
_("Hide counts")
_("Show counts")
_("Toggle theme (current theme: auto)")
_("Toggle theme (current theme: light)")
_("Toggle theme (current theme: dark)")
_("Added:")
_("Changed:")
_("Deleted:")
_("Toggle navigation")
_("Sidebar")
_("Filter navigation items")
_("This object doesn’t have a change history. It probably wasn’t added via this admin site.")
_("View selected %(model)s")
_("Thanks for spending some quality time with the web site today.")
_("Select all objects on this page for an action")

# allauth: getting in
_("This account is currently inactive.")
_("Please type your current password.")
_("Invalid or expired key.")
_("The new value must be different from the current one.")
_("Be patient, you are sending too many requests.")
_("You must type the same password each time.")
_("Use your password")
_("Use authenticator app or code")
_("Use a security key")
_("Current Password")
_("New Password")
_("New Password (again)")
_("Remember Me")
_("Incorrect code.")
_("You cannot deactivate two-factor authentication.")
_("You cannot generate recovery codes without having two-factor authentication enabled.")
_("Recovery codes")
_("TOTP Authenticator")

# Django: months where a day stands before them; Catalan says "de" or "d’" with them
pgettext("alt. month", "January")
pgettext("alt. month", "February")
pgettext("alt. month", "March")
pgettext("alt. month", "April")
pgettext("alt. month", "May")
pgettext("alt. month", "June")
pgettext("alt. month", "July")
pgettext("alt. month", "August")
pgettext("alt. month", "September")
pgettext("alt. month", "October")
pgettext("alt. month", "November")
pgettext("alt. month", "December")
