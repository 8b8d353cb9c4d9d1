"""The stand-in for Secrets Manager and SSM Parameter Store, judged by moto: boto3 asks both the same, in the same order,
and both say the same. Where moto takes what AWS refuses, the stand-in is held to AWS's own words.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from support.aws import ACCOUNT, REGION, Aws
from support.portal import Portal

KEY = "AKIAJUDGEEXAMPLE0001"
USER = f"arn:aws:iam::{ACCOUNT}:user/ana"

# What differs from call to call, or what moto adds of its own.
OWN = {
    *("ResponseMetadata", "ARN", "CreatedDate", "LastChangedDate", "LastModifiedDate", "DeletionDate", "DeletedDate"),
    *("VersionId", "NextToken", "VersionIdsToStages", "SecretVersionsToStages", "LastAccessedDate", "Tags", "Tier"),
    *("LastModifiedUser", "Policies", "Selector", "Message"),
}

_numbers = itertools.count(1)

Call = tuple[str, dict[str, Any]]


def client(service: str, endpoint: str, region: str = REGION) -> Any:
    return boto3.client(
        service, endpoint_url=endpoint, region_name=region, aws_access_key_id=KEY, aws_secret_access_key="unused"
    )


@pytest.fixture
def ours(portal: Portal) -> Callable[[str], Any]:
    portal.knows_key(KEY, USER)
    return lambda service: client(service, portal.endpoint)


@pytest.fixture
def prefix() -> str:
    """Of this test alone: moto is the same for all of them."""
    return f"judged{next(_numbers)}"


def told(value: Any) -> Any:
    """What counts of an answer; the order of a list does not."""
    if isinstance(value, dict):
        return {name: told(part) for name, part in value.items() if name not in OWN}
    if isinstance(value, list):
        return sorted((told(part) for part in value), key=repr)
    return value


def answer(asked: Any, call: Call) -> Any:
    action, arguments = call
    try:
        return told(getattr(asked, action)(**arguments))
    except ClientError as refused:
        return refused.response["Error"]["Code"]


def message(asked: Any, call: Call) -> str:
    action, arguments = call
    with pytest.raises(ClientError) as refused:
        getattr(asked, action)(**arguments)
    said: str = refused.value.response["Error"]["Message"]
    return said


def by_name(*values: str) -> list[dict[str, object]]:
    return [{"Key": "name", "Values": list(values)}]


def secrets_calls(p: str) -> list[Call]:
    a, b, none = f"{p}/variables/a", f"{p}/variables/b", f"{p}/none"
    return [
        ("create_secret", {"Name": a, "SecretString": "v1"}),
        ("create_secret", {"Name": a, "SecretString": "v1"}),
        ("get_secret_value", {"SecretId": a}),
        ("put_secret_value", {"SecretId": a, "SecretString": "v2 ü"}),
        ("get_secret_value", {"SecretId": a}),
        ("get_secret_value", {"SecretId": a, "VersionStage": "AWSPREVIOUS"}),
        ("update_secret", {"SecretId": a, "Description": "d"}),
        ("update_secret", {"SecretId": a, "SecretString": "v3", "KmsKeyId": "k-1"}),
        ("describe_secret", {"SecretId": a}),
        ("create_secret", {"Name": f"{p}/binary", "SecretBinary": b"\x00\xff"}),
        ("get_secret_value", {"SecretId": f"{p}/binary"}),
        ("create_secret", {"Name": f"{p}/empty"}),
        ("get_secret_value", {"SecretId": f"{p}/empty"}),
        ("create_secret", {"Name": b, "SecretString": "b"}),
        ("list_secrets", {"Filters": by_name(f"{p}/variables")}),
        ("list_secrets", {"Filters": by_name(f"{p}/variables/b", f"{p}/binary")}),
        ("batch_get_secret_value", {"SecretIdList": [a, none, f"{p}/binary"]}),
        ("batch_get_secret_value", {"Filters": by_name(f"{p}/variables")}),
        ("batch_get_secret_value", {"SecretIdList": [a], "Filters": by_name(p)}),
        ("delete_secret", {"SecretId": b, "RecoveryWindowInDays": 3}),
        ("delete_secret", {"SecretId": b, "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}),
        ("delete_secret", {"SecretId": b, "RecoveryWindowInDays": 7}),
        ("delete_secret", {"SecretId": b}),
        ("get_secret_value", {"SecretId": b}),
        ("update_secret", {"SecretId": b, "SecretString": "x"}),
        ("list_secrets", {"Filters": by_name(p)}),
        ("batch_get_secret_value", {"SecretIdList": [b]}),
        ("restore_secret", {"SecretId": b}),
        ("get_secret_value", {"SecretId": b}),
        ("delete_secret", {"SecretId": b, "ForceDeleteWithoutRecovery": True}),
        *((action, {"SecretId": b}) for action in ("get_secret_value", "describe_secret", "restore_secret")),
        ("delete_secret", {"SecretId": b}),
        ("delete_secret", {"SecretId": b, "ForceDeleteWithoutRecovery": True}),
        ("put_secret_value", {"SecretId": none, "SecretString": "x"}),
        ("update_secret", {"SecretId": none, "SecretString": "x"}),
    ]


def parameter_calls(p: str) -> list[Call]:
    def put(name: str, value: str, **more: object) -> Call:
        return "put_parameter", {"Name": name, "Value": value, **more}

    def described(key: str, option: str, value: str) -> Call:
        return "describe_parameters", {"ParameterFilters": [{"Key": key, "Option": option, "Values": [value]}]}

    a, plain, deep = f"/{p}/variables/a", f"/{p}/variables/plain", f"/{p}/variables/deep/x"
    secure = {"Type": "SecureString", "Tier": "Standard"}
    text = {"Type": "String", "Tier": "Standard"}
    return [
        put(a, "v1", **secure),
        put(a, "v2", **secure),
        put(a, "v2 ü", **secure, Overwrite=True),
        put(plain, "plain", **text),
        put(f"/{p}/variables/key", "key", **secure, KeyId="k-1"),
        put(deep, "x", **text),
        put(f"{p}flat", "x", **text),
        put(f"{p}untyped", "x"),
        put("/aws/b/c", "x", **text),
        put("awsome", "x", **text),
        put(f"/{p}/big", "x" * 8192, Type="String", Tier="Advanced"),
        *(("get_parameter", {"Name": name, "WithDecryption": True}) for name in (a, f"{a}:1", f"{a}:9", f"/{p}/none")),
        ("get_parameters", {"Names": [a, f"/{p}/none", plain], "WithDecryption": True}),
        ("get_parameters", {"Names": [f"/{p}/{number}" for number in range(11)]}),
        ("get_parameters_by_path", {"Path": f"/{p}/variables", "WithDecryption": True}),
        ("get_parameters_by_path", {"Path": f"/{p}/variables/", "Recursive": True, "WithDecryption": True}),
        ("get_parameters_by_path", {"Path": f"/{p}", "WithDecryption": True}),
        described("Name", "BeginsWith", f"/{p}/variables"),
        described("Path", "Recursive", f"/{p}"),
        described("Path", "OneLevel", f"/{p}/variables"),
        described("Name", "Equals", f"{p}flat"),
        described("Name", "Contains", f"{p}/variables/deep"),
        ("delete_parameter", {"Name": f"/{p}/none"}),
        ("delete_parameter", {"Name": a}),
        ("get_parameter", {"Name": a}),
        ("delete_parameters", {"Names": [f"{p}flat", f"/{p}/none"]}),
    ]


@pytest.mark.parametrize(
    ("service", "calls"), [("secretsmanager", secrets_calls), ("ssm", parameter_calls)], ids=["secrets", "parameters"]
)
def test_moto_says_the_same(
    ours: Callable[[str], Any], aws: Aws, prefix: str, service: str, calls: Callable[[str], list[Call]]
) -> None:
    judge, judged = client(service, aws.endpoint), ours(service)
    for call in calls(prefix):
        assert (call, answer(judged, call)) == (call, answer(judge, call))


def test_pages_come_to_the_same(ours: Callable[[str], Any], aws: Aws, prefix: str) -> None:
    for asked in (ours("secretsmanager"), client("secretsmanager", aws.endpoint)):
        for number in range(25):
            asked.create_secret(Name=f"{prefix}/{number:02}", SecretString=str(number))
        pages = [
            [secret["Name"] for secret in page["SecretList"]]
            for page in asked.get_paginator("list_secrets").paginate(
                Filters=by_name(f"{prefix}/"), PaginationConfig={"PageSize": 10}
            )
        ]
        assert [len(page) for page in pages] == [10, 10, 5]
        assert sorted(itertools.chain(*pages)) == [f"{prefix}/{number:02}" for number in range(25)]
    for asked in (ours("ssm"), client("ssm", aws.endpoint)):
        for number in range(25):
            asked.put_parameter(Name=f"/{prefix}/{number:02}", Value=str(number), Type="String")
        paginator = asked.get_paginator("get_parameters_by_path")
        pages = [page["Parameters"] for page in paginator.paginate(Path=f"/{prefix}")]
        assert [len(page) for page in pages] == [10, 10, 5]


def test_what_moto_takes_and_aws_does_not(ours: Callable[[str], Any]) -> None:
    manager, store = ours("secretsmanager"), ours("ssm")
    manager.create_secret(Name="gone", SecretString="x")
    manager.delete_secret(SecretId="gone")
    put = {"Type": "String"}
    refused: list[tuple[Any, Call, str]] = [
        (manager, ("put_secret_value", {"SecretId": "gone", "SecretString": "x"}), "it was marked for deletion"),
        (manager, ("create_secret", {"Name": "gone", "SecretString": "x"}), "already scheduled for deletion"),
        (manager, ("create_secret", {"Name": "a name!", "SecretString": "x"}), "Invalid name"),
        (manager, ("batch_get_secret_value", {"SecretIdList": ["x"] * 21}), "less than or equal to 20"),
        (store, ("put_parameter", {"Name": "a/b", "Value": "x", **put}), "must be a fully qualified name"),
        (store, ("put_parameter", {"Name": "/a b", "Value": "x", **put}), "the following 3 symbols"),
        (store, ("put_parameter", {"Name": "/a", "Value": "x" * 4097, **put}), "maximum parameter value of 4096"),
        (store, ("put_parameter", {"Name": "/a", "Value": "x" * 8193, "Tier": "Advanced", **put}), "value of 8192"),
        (store, ("describe_parameters", {"MaxResults": 51}), "from 1 to 50"),
    ]
    for asked, call, said in refused:
        assert said in message(asked, call), call


def test_a_name_exists_in_one_region(ours: Callable[[str], Any], portal: Portal) -> None:
    ours("secretsmanager").create_secret(Name="here", SecretString="x")
    elsewhere = client("secretsmanager", portal.endpoint, "ap-southeast-2")
    assert answer(elsewhere, ("get_secret_value", {"SecretId": "here"})) == "ResourceNotFoundException"


def test_an_arn_means_its_name(ours: Callable[[str], Any]) -> None:
    manager, store = ours("secretsmanager"), ours("ssm")
    arn = manager.create_secret(Name="team/db-main", SecretString="x")["ARN"]
    assert [manager.get_secret_value(SecretId=id)["Name"] for id in (arn, arn[:-7])] == ["team/db-main"] * 2
    for name in ("/team/db", "flat"):
        store.put_parameter(Name=name, Value="x", Type="String")
        arn = store.get_parameter(Name=name)["Parameter"]["ARN"]
        assert store.get_parameter(Name=arn)["Parameter"]["Name"] == name


def test_who_may_not_is_told_as_aws_tells_it(ours: Callable[[str], Any], portal: Portal) -> None:
    manager, store = ours("secretsmanager"), ours("ssm")
    for name, key in (("db", "open"), ("shut", "foreign"), ("broken", "disabled")):
        manager.create_secret(Name=name, SecretString="x", KmsKeyId=key)
        store.put_parameter(Name=f"/{name}", Value="x", Type="SecureString", KeyId=key)
    denied = [["secretsmanager:GetSecretValue", "db"], ["ssm:GetParameter", "/db"], ["kms:Decrypt", "foreign"]]
    portal.sets_permissions(denied=denied, disabled_keys=["disabled"])

    def says(id: str) -> tuple[str, str, str, str]:
        calls = [
            (manager, ("get_secret_value", {"SecretId": id})),
            (store, ("get_parameter", {"Name": f"/{id}", "WithDecryption": True})),
        ]
        manager_s, store_s = ((answer(asked, call), message(asked, call)) for asked, call in calls)
        return (*manager_s, *store_s)

    on = f"User: {USER} is not authorized to perform: "
    assert says("db") == (
        "AccessDeniedException",
        f"{on}secretsmanager:GetSecretValue on resource: db because no identity-based policy allows the "
        "secretsmanager:GetSecretValue action",
        "AccessDeniedException",
        f"{on}ssm:GetParameter on resource: arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/db because no identity-based "
        "policy allows the ssm:GetParameter action",
    )
    assert says("shut")[:3] == ("AccessDeniedException", "Access to KMS is not allowed", "AccessDeniedException")
    assert says("broken")[::2] == ("DecryptionFailure", "InvalidKeyId")


def test_a_policy_allows_what_it_says_and_nothing_else(ours: Callable[[str], Any], portal: Portal) -> None:
    manager = ours("secretsmanager")
    for name in ("team/a", "other/a"):
        manager.create_secret(Name=name, SecretString="x", KmsKeyId="key")
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": f"{arn}team/*"}
    decrypt = {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key",
        "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}},
    }
    get = [("get_secret_value", {"SecretId": name}) for name in ("team/a", "other/a")]
    for statements, first in (([read, decrypt], {"Name": "team/a"}), ([read], "AccessDeniedException")):
        portal.sets_permissions(policy={"Version": "2012-10-17", "Statement": statements})
        answers = [answer(manager, call) for call in get]
        assert answers[1] == "AccessDeniedException"
        assert answers[0] == first or answers[0].items() >= dict(first).items()
    assert "secretsmanager:ListSecrets" in message(manager, ("list_secrets", {}))
    portal.sets_permissions()
    assert len(manager.list_secrets()["SecretList"]) == 2
