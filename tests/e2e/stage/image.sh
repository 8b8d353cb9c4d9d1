# Sourced by tests/e2e/run: the stand-in for Astro Runtime, so that no image has to be pulled. What it shares with
# the real one is what matters here: user astro, uid 50000, group 0, home /home/astro, Python and boto3.

build_image() {
    local folder="$1" python="$2" requirements="$3" root="$1/rootfs" boto3
    debootstrap --variant=minbase --include=python3,ca-certificates "$(debian_suite)" "$root" "$(debian_mirror)"
    chroot "$root" useradd --uid 50000 --gid 0 --create-home --home-dir /home/astro --shell /bin/bash astro
    # A volume takes its owner from the folder that it is put over: Airflow 2 does not start without its logs.
    install -d -o 50000 -g 0 "$root/usr/local/airflow" "$root/usr/local/airflow/logs"
    boto3="$(grep '^boto3==' "$requirements")"
    "$python/bin/python" -m pip install --quiet --no-compile --target "$root/usr/local/lib/python3.11/dist-packages" "$boto3"
    # Airflow's process in the real image; here a container has only to stay up.
    printf '#!/bin/sh\nexec sleep infinity\n' >"$root/usr/local/bin/airflow"
    chmod 0755 "$root/usr/local/bin/airflow"
    tar -C "$root" --exclude=./var/cache/apt --exclude=./var/lib/apt/lists -c . | zstd -q -3 -T0 -o "$folder/rootfs.tar.zst"
    rm -rf --one-file-system "$root"
}

# import_image ARCHIVE: the runtime of Airflow 2 and of Airflow 3, under the names that a Dockerfile's FROM has.
import_image() {
    local archive="$1" base=astro-aws-e2e/base
    zstd -q -d -c "$archive" | docker import --change 'USER astro' --change 'ENV HOME=/home/astro' \
        --change 'ENV AIRFLOW_HOME=/usr/local/airflow' --change 'WORKDIR /usr/local/airflow' - "$base" >/dev/null
    local version name
    while read -r version name; do
        printf 'FROM %s\nLABEL io.astronomer.docker.runtime.version=%s\n' "$base" "$version" |
            DOCKER_BUILDKIT=0 docker build --quiet --tag "$name:$version" - >"$run/build.log" 2>&1 ||
            { cat "$run/build.log" >&2; fail "the image $name:$version could not be built"; }
    done <<<"13.4.0 quay.io/astronomer/astro-runtime
3.1-12 astrocrpublic.azurecr.io/runtime"
}
