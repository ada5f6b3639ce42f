"""Settings of the Superset that the tests start, on loopback and for one run."""

import os

SECRET_KEY = "no secret: what it guards is made anew for each run"
SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.environ["SUPERSET_HOME"] + "/superset.db"
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
WTF_CSRF_ENABLED = True
