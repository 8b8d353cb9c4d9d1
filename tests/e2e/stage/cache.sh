# Sourced by tests/e2e/run: folders that are built once and kept outside the checkout.

# key_of WHAT…: a short name for files (by content) and words that a cached folder depends on.
key_of() {
    local what
    for what in "$@"; do
        if [[ -f "$what" ]]; then cat "$what"; else printf '%s\n' "$what"; fi
    done | sha256sum | cut -c1-12
}

# cached NAME KEY BUILDER ARGUMENT…: prints the folder NAME-KEY, built by BUILDER FOLDER ARGUMENT… if it is not there.
# It gets its name by a rename at the very end: a build that was interrupted is never taken for a whole one.
cached() {
    local name="$1" builder="$3" folder="$caches/$1-$2" building
    shift 3
    if [[ ! -d "$folder" ]]; then
        say "building $name"
        building="$(mktemp -d "$caches/.$name.XXXXXX")"
        chmod 0755 "$building"
        if ! ( set -Eeuo pipefail; "$builder" "$building" "$@" ) >"$building.log" 2>&1 </dev/null; then
            tail -n 40 "$building.log" >&2
            rm -rf --one-file-system "$building" "$building.log"
            fail "$name could not be built: see the lines above"
        fi
        rm -f "$building.log"
        # Of each thing only the newest is kept.
        find "$caches" -maxdepth 1 -name "$name-*" -exec rm -rf {} +
        mv "$building" "$folder"
    fi
    printf '%s\n' "$folder"
}
