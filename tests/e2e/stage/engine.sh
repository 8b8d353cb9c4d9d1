# Sourced by tests/e2e/run: a container engine of its own, beside any other that the machine has, and the
# unprivileged user who works with it.

e2e_user=astro-aws-ana
e2e_bridge=astro-e2e0
# The bridge's address is where the stand-ins for AWS listen: the host and every container reach it.
e2e_gateway=10.212.0.1
e2e_pools=10.213.0.0/16
run=

find_or_start_engine() {
    local archive="$1" compose="$2"
    if [[ -f "$kept" ]] && use_engine "$(<"$kept")" && [[ "$(cat "$run/image" 2>/dev/null)" == "$archive" ]] &&
        docker version >/dev/null 2>&1; then
        say "using the engine that was kept in $run"
        return
    fi
    # One engine at a time: a second would take the first one's bridge.
    exec 8>"$caches/engine.lock"
    flock --timeout 900 8 || fail "another run has had its engine for 15 minutes"
    stop_kept_engine
    say "starting the engine"
    use_engine "$(mktemp -d "${TMPDIR:-/tmp}/astro-aws-e2e.XXXXXX")"
    chmod 0755 "$run"
    printf '%s\n' "$e2e_gateway" >"$run/gateway"
    install -D -m 0755 "$compose" "$run/docker-config/cli-plugins/docker-compose"
    make_user
    make_bridge
    start_daemon
    say "importing the runtime image"
    import_image "$archive"
    printf '%s\n' "$archive" >"$run/image"
}

use_engine() {
    run="$1"
    export DOCKER_HOST="unix://$run/docker.sock" DOCKER_CONFIG="$run/docker-config"
}

make_user() {
    id "$e2e_user" >/dev/null 2>&1 || useradd --no-create-home --home-dir /nonexistent --shell /bin/sh "$e2e_user"
}

make_bridge() {
    ip link delete "$e2e_bridge" 2>/dev/null || true
    ip link add "$e2e_bridge" type bridge
    ip address add "$e2e_gateway/24" dev "$e2e_bridge"
    ip link set "$e2e_bridge" up
}

start_daemon() {
    dockerd --data-root "$run/data" --exec-root "$run/exec" --pidfile "$run/docker.pid" --host "$DOCKER_HOST" \
        --group "$(id -gn "$e2e_user")" --bridge "$e2e_bridge" --default-address-pool "base=$e2e_pools,size=24" \
        >"$run/dockerd.log" 2>&1 8>&- 9>&- &
    local daemon=$! deadline=$((SECONDS + 60))
    until docker version >/dev/null 2>&1; do
        kill -0 "$daemon" 2>/dev/null || { tail -n 20 "$run/dockerd.log" >&2; fail "dockerd did not start"; }
        ((SECONDS < deadline)) || { tail -n 20 "$run/dockerd.log" >&2; fail "dockerd does not answer"; }
        sleep 0.2
    done
}

# end_engine KEEP: at the end of a run.
end_engine() {
    if [[ "$1" == yes || ( -f "$kept" && "$(<"$kept")" == "$run" ) ]]; then
        printf '%s\n' "$run" >"$kept"
        say "the engine goes on in $run; end it with tests/e2e/run --stop"
    else
        remove_engine "$run"
    fi
}

stop_kept_engine() {
    [[ -f "$kept" ]] || return 0
    remove_engine "$(<"$kept")"
    rm -f "$kept"
}

remove_engine() {
    local folder="$1" pid deadline=$((SECONDS + 30))
    [[ "$folder" == */astro-aws-e2e.* && -d "$folder" ]] || return 0
    use_engine "$folder"
    pid="$(cat "$folder/docker.pid" 2>/dev/null || true)"
    if [[ -n "$pid" && "$(cat "/proc/$pid/comm" 2>/dev/null)" == dockerd ]]; then
        # A test that died may have left it stopped.
        kill -CONT "$pid"
        timeout 30 docker ps --all --quiet | xargs --no-run-if-empty timeout 30 docker rm --force >/dev/null 2>&1 || true
        kill -TERM "$pid"
        while kill -0 "$pid" 2>/dev/null; do
            if ((SECONDS >= deadline)); then kill -KILL "$pid"; break; fi
            sleep 0.2
        done
    fi
    findmnt --list --noheadings --output TARGET | grep -F "$folder/" | sort -r | xargs --no-run-if-empty umount --lazy || true
    rm -rf --one-file-system "$folder"
    ip link delete "$e2e_bridge" 2>/dev/null || true
    userdel "$e2e_user" 2>/dev/null || true
}
