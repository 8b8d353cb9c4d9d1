"""The loop that a script has: so many variables, one call each, by one client of boto3."""

import sys

import boto3

service, count = sys.argv[1], int(sys.argv[2])
client = boto3.client(service)
for number in range(count):
    name = f"airflow/variables/n{number:04}"
    if service == "ssm":
        client.get_parameter(Name=f"/{name}", WithDecryption=True)["Parameter"]["Value"]
    else:
        client.get_secret_value(SecretId=name)["SecretString"]
