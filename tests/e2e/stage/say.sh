# Sourced by tests/e2e/run: what it tells the person who reads the log.

say() { printf -- '--- %s (%d s)\n' "$*" "$SECONDS" >&2; }

fail() {
    printf 'end-to-end stage: %s\n' "$*" >&2
    exit 1
}
