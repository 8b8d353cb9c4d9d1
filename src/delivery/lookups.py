# Run inside a container by its own Python: looks ids up as its own Airflow does. `REQUEST`, a hexadecimal JSON text, stands
# in a line before this one. Prints one JSON line: classes, codes and salted digests, no value.
import hashlib
import json
import logging
import os
import sys
import time
import warnings

request = json.loads(bytes.fromhex(REQUEST).decode("utf-8"))  # noqa: F821
salt = request["salt"].encode("ascii")
deadline = time.monotonic() + request["seconds"]
said = sys.stdout
# Airflow and its providers log to standard output too.
sys.stdout = sys.stderr
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
found = {"airflow": None, "provider": None, "backend": None, "settings": {}, "results": []}


def digest(text):
    return hashlib.sha256(salt + text.encode("utf-8", "surrogateescape")).hexdigest()


def done(**more):
    found.update(more)
    print(json.dumps(found), file=said, flush=True)
    os._exit(0)


def cause(error):
    # The class and AWS's code alone: a message may quote a value.
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return {"class": type(error).__name__, "code": code}


def chain(error):
    seen = []
    while error is not None and len(seen) < 10:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return seen


for name, value in os.environ.items():
    if name.startswith("AIRFLOW__SECRETS__"):
        found["settings"][name] = digest(value)
try:
    from importlib import metadata

    found["airflow"] = metadata.version("apache-airflow")
except Exception:
    pass
try:
    found["provider"] = metadata.version("apache-airflow-providers-amazon")
except Exception:
    pass
try:
    from airflow.configuration import conf, ensure_secrets_loaded

    found["backend"] = conf.get("secrets", "backend", fallback="") or None
    backends = list(ensure_secrets_loaded())
except ModuleNotFoundError as error:
    done(error="no-airflow" if (error.name or "").split(".")[0] == "airflow" and error.name == "airflow" else "not-loaded",
         detail=error.name)
except BaseException as error:
    missing = [one.name for one in chain(error) if isinstance(one, ModuleNotFoundError)]
    found["backend"] = os.environ.get("AIRFLOW__SECRETS__BACKEND")
    done(error="not-loaded", detail=(missing + [type(error).__name__])[0])


def watched(backend):
    # The text as AWS has it: Secrets Manager's backend writes a connection's JSON anew before it hands it on.
    texts = []
    if hasattr(backend, "_get_secret"):
        asked = backend._get_secret

        def get_secret(*args, **kwargs):
            value = asked(*args, **kwargs)
            texts.append(value)
            return value

        backend._get_secret = get_secret
    return backend, texts


watched_backends = [watched(backend) for backend in backends]


def look_up(kind, name):
    failures = []
    for backend, texts in watched_backends:
        del texts[:]
        label = type(backend).__name__
        try:
            if kind == "connection":
                value = backend.get_conn_value(conn_id=name)
                connection = backend.deserialize_connection(name, value) if value else None
                is_found, text = bool(connection), value
            else:
                text = backend.get_variable(key=name) if kind == "variable" else backend.get_config(name)
                is_found = text is not None
        except NotImplementedError:
            # The metastore hands out connections, not their texts.
            try:
                is_found, text = bool(backend.get_connection(name)), None
            except Exception as error:
                failures.append(dict(cause(error), backend=label))
                continue
        except Exception as error:
            failures.append(dict(cause(error), backend=label))
            continue
        if is_found:
            raw = texts[-1] if texts and isinstance(texts[-1], str) else text
            return {"found": True, "backend": label, "digest": digest(raw) if isinstance(raw, str) else None, "failures": failures}
    return {"found": False, "backend": None, "digest": None, "failures": failures}


for kind, name in request["ids"]:
    if time.monotonic() > deadline:
        break
    found["results"].append(look_up(kind, name))
done()
