# Sourced by .ci/run: how a stage is announced, timed and counted, and the stages that are more than one command.

failed=()
results=()
running=

# A stage is a process group of its own, so that an interrupted run takes everything with it that the stage started.
end_the_running_stage() {
    [[ -n "$running" ]] || return 0
    kill -TERM -- "-$running" 2>/dev/null || true
    wait "$running" || true
}
trap 'end_the_running_stage; exit 130' INT
trap 'end_the_running_stage; exit 143' TERM HUP

# stage NAME COMMAND…: runs the command, and goes on whatever became of it.
stage() {
    local name="$1" began="$SECONDS" status=0
    shift
    printf '\n=== %s: %s\n' "$name" "$*"
    set -m
    ( set -Eeuo pipefail; "$@" ) &
    running=$!
    set +m
    wait "$running" || status=$?
    running=
    local took=$((SECONDS - began))
    if ((status == 0)); then
        results+=("$(printf '%-12s passed  %5d s' "$name" "$took")")
    else
        results+=("$(printf '%-12s FAILED  %5d s  (exit code %d)' "$name" "$took" "$status")")
        failed+=("$name")
    fi
    printf '=== %s\n' "${results[-1]}"
}

summary() {
    printf '\n=== all stages, %d s\n' "$SECONDS"
    printf '    %s\n' "${results[@]}"
    if ((${#failed[@]})); then
        printf '=== FAILED: %s\n' "${failed[*]}"
        return 1
    fi
    echo "=== passed"
}

forget_an_overgrown_target_folder() {
    local folder="$1" most_gigabytes="$2" gigabytes
    [[ -n "$folder" && -d "$folder" ]] || return 0
    gigabytes="$(du -s --block-size=1G "$folder" | cut -f1)"
    if ((gigabytes > most_gigabytes)); then
        echo "$folder holds $gigabytes GB: deleted, to be built again"
        rm -rf "$folder"
    fi
}

# Advisories need a network beyond the package registries; what is not checked is said.
check_dependencies() {
    local caches="$1" toolchain="$2" version=0.20.2
    local home="$caches/cargo-deny-$version-$toolchain"
    if [[ ! -x "$home/bin/cargo-deny" ]]; then
        echo "building cargo-deny $version once (about five minutes on two cores)"
        local building
        building="$(mktemp -d "$caches/.cargo-deny.XXXXXX")"
        CARGO_TARGET_DIR="$building/target" cargo install --quiet --locked --root "$building/root" \
            --version "$version" cargo-deny || { rm -rf "$building"; return 1; }
        rm -rf "$home"
        mv "$building/root" "$home"
        rm -rf "$building"
    fi
    "$home/bin/cargo-deny" --locked check --hide-inclusion-graph bans licenses sources
    echo "NOT checked here: advisories, which need a network beyond the package registries."
}
