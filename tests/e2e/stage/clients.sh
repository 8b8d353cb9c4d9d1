# Sourced by tests/e2e/run: the programs that the tool is judged by: boto3 and moto, Compose v2, the AWS CLI v2.

least_compose=2.40

build_python() {
    local folder="$1" requirements="$2"
    python3 -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --requirement "$requirements"
}

# Its loader is the compose-go that the Astro CLI embeds: what it accepts, `astro dev start` accepts.
build_compose() {
    local folder="$1" version
    unpack_from_newer_suite "$folder" docker-compose
    install -m 0755 "$folder/unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$folder/docker-compose"
    rm -rf "$folder/unpacked"
    version="$("$folder/docker-compose" version --short)"
    printf '%s\n%s\n' "$least_compose" "$version" | sort --version-sort --check=quiet ||
        { echo "Compose is $version, older than $least_compose"; return 1; }
}

build_aws_cli() {
    local folder="$1" packages
    unpack_from_newer_suite "$folder/deb" awscli
    python3 -m venv "$folder"
    packages="$(echo "$folder"/lib/python3*/site-packages)"
    cp -r "$folder"/deb/unpacked/usr/lib/python3/dist-packages/awscli* "$packages"
    rm -rf "$folder/deb"
    # Debian's package names its own requirements; it is not on PyPI itself.
    sed -n 's/^Requires-Dist: //p' "$packages"/awscli-*.dist-info/METADATA >"$folder/requirements.txt"
    "$folder/bin/python" -m pip install --quiet --requirement "$folder/requirements.txt"
    "$folder/bin/python" -m awscli --version | grep -q '^aws-cli/2\.'
}
