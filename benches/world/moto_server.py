"""A moto server with so many variables in both services, until its standard input ends. Prints where it is."""

import logging
import sys

import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-west-1"

count = int(sys.argv[1])
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
endpoint = "http://{}:{}".format(*server.get_host_and_port())
keys = {"aws_access_key_id": "benchmark", "aws_secret_access_key": "benchmark"}
secrets, parameters = (
    boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys) for service in ("secretsmanager", "ssm")
)
for number in range(count):
    name = f"airflow/variables/n{number:04}"
    secrets.create_secret(Name=name, SecretString=f"value {number}")
    parameters.put_parameter(Name=f"/{name}", Value=f"value {number}", Type="SecureString")
print(endpoint, flush=True)
sys.stdin.read()
server.stop()
