# Run inside a container by its own Python: says who its botocore is, or why it is nobody. Prints one JSON line, no secret.
import json
import os
import sys

found = {"python": sys.version.split()[0]}


def done(**more):
    found.update(more)
    print(json.dumps(found))
    sys.exit(0)


config = os.environ.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config")
credentials = os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.expanduser("~/.aws/credentials")
folder = os.path.dirname(config)
found["profile"] = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
found["overriding"] = [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if os.environ.get(name)]
found["missing"] = [path for path in (folder, config) if not os.path.exists(path)]
found["unreadable"] = [
    path for path in (folder, config, credentials) if os.path.exists(path) and not os.access(path, os.R_OK)
]
try:
    import botocore.exceptions
    import botocore.session
    from botocore.config import Config
except ImportError:
    done(error="no-botocore")
try:
    session = botocore.session.get_session()
    held = session.get_credentials()
    if held is None:
        done(error="no-credentials")
    frozen = held.get_frozen_credentials()
    found["source"] = held.method
    expiry = getattr(held, "_expiry_time", None)
    if expiry is not None:
        found["expires_at"] = expiry.strftime("%Y-%m-%dT%H:%M:%SZ")
    region = session.get_config_variable("region") or "us-east-1"
    limits = Config(connect_timeout=3, read_timeout=5, retries={"max_attempts": 0})
    caller = session.create_client("sts", region_name=region, config=limits).get_caller_identity()
    done(identity={"account": caller["Account"], "arn": caller["Arn"], "user_id": caller["UserId"]})
except botocore.exceptions.ProfileNotFound:
    done(error="profile-not-found")
except (botocore.exceptions.NoCredentialsError, botocore.exceptions.PartialCredentialsError):
    done(error="no-credentials")
except botocore.exceptions.ClientError as error:
    done(error="refused", detail=error.response.get("Error", {}).get("Code", "unknown"))
except botocore.exceptions.HTTPClientError as error:
    done(error="network", detail=type(error).__name__)
except Exception as error:  # the class alone: a message may quote a file
    done(error="failed", detail=type(error).__name__)
