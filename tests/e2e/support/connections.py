"""A hundred connections of all shapes, and what Airflow makes of each: the parts it takes out of the value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .backend import SECRETS_MANAGER

TEXTS = (
    "plain",
    "p@ss:w/rd?#[]",
    "100%",
    "100%25",
    "a+b c",
    "grüße-日本語-🛫",
    "'single' \"double\" \\back",
    "{braces}$HOME`x`",
    "&=;,|<>~!*()^",
    " leading-and-trailing ",
    "a%2Fb",
    "-",
)


@dataclass(frozen=True)
class Case:
    """A connection as somebody would give it to `secrets set`."""

    id: str
    value: str
    # Parameter Store's backend hands the value to Airflow itself, which does not know the aliases.
    secrets_manager_alone: bool = False


def all_cases() -> list[Case]:
    """A hundred of them; no two have the same id."""
    found = [*_uris(), *_documents(), *_aliases()]
    assert len({case.id for case in found}) == len(found)
    return found


def cases_for(service: str) -> list[Case]:
    """Those that this service's backend takes."""
    return [case for case in all_cases() if service == SECRETS_MANAGER or not case.secrets_manager_alone]


def _uris() -> list[Case]:
    found = []
    for number, text in enumerate(TEXTS):
        code = quote(text, safe="")
        found += [
            Case(f"uri_password_{number}", f"postgres://ana:{code}@db.example.com:5432/flights"),
            Case(f"uri_login_{number}", f"mysql://{code}:s3kr1t@db:3306/x?charset=utf8"),
            Case(f"uri_schema_{number}", f"ftp://ana:s3kr1t@files.example.com/{code}"),
            Case(f"uri_query_{number}", f"http://ana:s3kr1t@api.example.com/v1?token={code}&region=eu"),
        ]
    extra = quote(json.dumps({"nested": {"a": [1, 2, None, True]}, "text": "grüße"}), safe="")
    found += [
        Case(f"uri_shape_{number}", uri)
        for number, uri in enumerate(
            (
                "aws://",
                "aws://?region_name=eu-west-1",
                "https://host",
                "http://https%3A%2F%2Fapi.example.com%2Fpath",
                "http://api.example.com/https",
                "postgres://host:5432",
                "postgres://:s3kr1t@host",
                "postgres://ana@host/schema",
                "postgresql://ana:s3kr1t@host/schema",
                "google-cloud-platform://?project=x&num_retries=5",
                "my-own-type://ana:s3kr1t@host:1/x",
                "ssh://ana:s3kr1t@10.0.0.1:22",
                "ssh://ana:s3kr1t@%5B2001%3Adb8%3A%3A1%5D:22",
                f"aws://AKIAEXAMPLE:s3kr1t%2Fslash@?__extra__={extra}",
                "spark://spark%3A%2F%2Fmaster:7077?queue=root.default",
                "mongo+srv://ana:s3kr1t@cluster.example.com/db?retryWrites=true",
                "snowflake://ana:s3kr1t@/schema?account=x&warehouse=y&role=z",
                "redis://:s3kr1t@cache:6379/0",
                "fs:///?path=%2Ftmp",
                "HTTP://Ana:s3kr1t@Host.Example.COM/",
                "ftp://ana:s3kr1t@host:21",
                "oracle://ana:s3kr1t@host:1521/service%2Fname",
            )
        )
    ]
    return found


def _documents() -> list[Case]:
    found = []
    for number, text in enumerate(TEXTS):
        parts = {"conn_type": "postgres", "host": "db", "login": text, "password": f"s3kr1t {text}", "port": 5432}
        found += [
            Case(f"json_text_{number}", json.dumps(parts, ensure_ascii=number % 2 == 0)),
            Case(f"json_extra_{number}", json.dumps({"conn_type": "http", "extra": {"key": text, "n": number}})),
        ]
    shapes: tuple[dict[str, Any], ...] = (
        {"conn_type": "aws"},
        {"conn_type": "postgres", "host": None, "port": None, "schema": "x"},
        {"conn_type": "postgres", "port": "5432", "host": "h"},
        {"conn_type": "aws", "extra": '{"role_arn": "arn:aws:iam::123456789012:role/x"}'},
        {"conn_type": "aws", "extra": {"a": {"b": [1, {"c": None}]}}},
        {"conn_type": "my_own_type", "login": "ana", "password": "s3kr1t"},
    )
    found += [
        Case(f"json_shape_{number}", json.dumps(parts, indent=number % 2 or None))
        for number, parts in enumerate(shapes)
    ]
    return found


def _aliases() -> list[Case]:
    documents: tuple[dict[str, Any], ...] = (
        {"engine": "postgres", "username": "ana", "password": "s3kr1t", "host": "db", "port": 5432, "dbname": "x"},
        {"conn_type": "mysql", "user": "ana", "pass": "s3kr1t", "server": "db", "database": "x"},
        {"connection_type": "http", "user_name": "ana", "key": "s3kr1t", "remote_host": "db"},
        {"conn_id": "postgres", "login": "ana", "user": "second", "password": "s3kr1t"},
        {"conn_type": "postgres", "user": "first", "login": "second", "schema": "one", "database": "two"},
        {"conn_type": "aws", "extra": {"region_name": "eu-west-1"}, "unknown": "ignored"},
        {"conn_type": "postgres", "host": "db", "port": "5432", "dbInstanceIdentifier": "ignored"},
        {"conn_type": "postgres", "password": "s3kr1t %40 is no escape", "user": "a%2Fb"},
    )
    return [Case(f"alias_{number}", json.dumps(parts), True) for number, parts in enumerate(documents)]
