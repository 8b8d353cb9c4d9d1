#!/bin/sh
# Installs astro-aws: a prebuilt release where there is one, else a build with cargo. Run it with --help.
# Everything happens in `main`, called on the last line: a download that was cut off does nothing.
set -u

NAME=astro-aws
RECEIPT=share/$NAME/receipt

usage() {
    cat <<'HELP'
Installs astro-aws.

Usage: install.sh [--prefix DIR | --bin-dir DIR] [--version VERSION]
       install.sh --uninstall [--prefix DIR]

  --prefix DIR       install to DIR/bin, with the receipt under DIR/share [default: ~/.local]
  --bin-dir DIR      install to DIR itself
  --version VERSION  this version, such as 0.1.0 [default: the newest, or that of the checkout]
  --uninstall        remove what an earlier run installed, by its receipt
  --help             this text

PREFIX, BIN_DIR and VERSION in the environment are the same as the options.

Where ASTRO_AWS_RELEASE_URL is set, a prebuilt release is fetched from there (https:// or file://) and installed only
if its SHA-256 is right: <url>/latest/download/astro-aws-<target>.tar.xz and .sha256, or <url>/download/v<VERSION>/….
Else it is built with cargo, from the checkout that this script lies in.

It never asks for more rights: to install into a folder of the system, run it as somebody who may write there.
HELP
}

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $1"
    if [ $# -gt 1 ]; then say "hint: $2"; fi
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# The Rust target of this machine. On Linux the static musl build: it runs on every distribution.
target() {
    case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) echo x86_64-unknown-linux-musl ;;
    Linux-aarch64 | Linux-arm64) echo aarch64-unknown-linux-musl ;;
    Darwin-arm64) echo aarch64-apple-darwin ;;
    Darwin-x86_64) echo x86_64-apple-darwin ;;
    *) return 1 ;;
    esac
}

# fetch URL FILE
fetch() {
    case $1 in
    file://*) cp "${1#file://}" "$2" 2>/dev/null ;;
    https://*)
        if has curl; then
            curl --proto '=https' --tlsv1.2 -fsSL -o "$2" "$1"
        elif has wget; then
            wget --https-only -qO "$2" "$1"
        else
            say "neither curl nor wget is there"
            return 1
        fi
        ;;
    *) die "ASTRO_AWS_RELEASE_URL is neither https:// nor file://" ;;
    esac
}

# The SHA-256 of a file, in hexadecimal. Without a program that computes it nothing is installed.
sha256() {
    if has sha256sum; then
        sha256sum <"$1" | cut -d ' ' -f 1
    elif has shasum; then
        shasum -a 256 <"$1" | cut -d ' ' -f 1
    elif has openssl; then
        openssl dgst -sha256 <"$1" | sed 's/^.*= *//'
    else
        die "no sha256sum, shasum or openssl to check the download with" "install one of them and run this again"
    fi
}

# Leaves the program in $work/astro-aws; 1 where there is no such release.
take_release() {
    target=$(target) || {
        say "there are no releases for $(uname -s) on $(uname -m)"
        return 1
    }
    base=${ASTRO_AWS_RELEASE_URL%/}
    if [ -n "$version" ]; then base=$base/download/v$version; else base=$base/latest/download; fi
    archive=$NAME-$target.tar.xz
    say "fetching $base/$archive"
    fetch "$base/$archive" "$work/$archive" || {
        say "there is no release to fetch"
        return 1
    }
    fetch "$base/$archive.sha256" "$work/$archive.sha256" ||
        die "the checksum $archive.sha256 cannot be fetched: nothing was installed"
    expected=$(cut -d ' ' -f 1 <"$work/$archive.sha256" | tr 'A-F' 'a-f')
    found=$(sha256 "$work/$archive") || exit 1
    if [ "${#found}" -ne 64 ] || [ "$expected" != "$found" ]; then
        die "the SHA-256 of $archive is $found and should be $expected: nothing was installed" \
            "the download is damaged or was tampered with: try again, and report it if it stays so"
    fi
    mkdir "$work/unpacked"
    tar -xf "$work/$archive" -C "$work/unpacked" || die "$archive cannot be unpacked" "is xz installed?"
    for program in "$work/unpacked/$NAME" "$work/unpacked/$NAME-$target/$NAME"; do
        if [ -f "$program" ]; then
            mv "$program" "$work/$NAME"
            return
        fi
    done
    die "$archive holds no $NAME"
}

# The folder of this script where that is a checkout; nothing when the script came through a pipe.
checkout() {
    folder=$(cd "$(dirname "$0")" 2>/dev/null && pwd) || return 0
    if grep -qs "^name = \"$NAME\"" "$folder/Cargo.toml"; then printf '%s\n' "$folder"; fi
}

# Leaves the program in $work/astro-aws.
build() {
    folder=$(checkout)
    # Never by its name alone from a registry: anyone may have taken that name.
    if [ -z "$folder" ]; then
        die "there is no release to install and no checkout to build" \
            "set ASTRO_AWS_RELEASE_URL to where releases are, or clone the repository and run the install.sh in it"
    fi
    has cargo || die "there is no release for this machine and no cargo to build it with" "install Rust: https://rustup.rs"
    own=$(sed -n 's/^version = "\(.*\)"/\1/p' "$folder/Cargo.toml" | head -n 1)
    if [ -n "$version" ] && [ "$version" != "$own" ]; then
        die "the checkout in $folder is version $own, not $version" "check out v$version first, or leave --version out"
    fi
    say "building $NAME $own in $folder (this takes a few minutes)"
    # cargo warns that its --root is not on PATH: it is a folder of ours that is gone in a moment.
    cargo install --quiet --locked --no-track --root "$work/built" --path "$folder" || die "cargo could not build $NAME"
    mv "$work/built/bin/$NAME" "$work/$NAME"
}

# Creates a folder and notes in $work/receipt every one that was not there before.
make_folder() {
    if [ -d "$1" ]; then return; fi
    make_folder "$(dirname "$1")"
    mkdir "$1" || die "$1 cannot be created"
    printf 'folder %s\n' "$1" >>"$work/receipt"
}

place() {
    make_folder "$bin_dir"
    make_folder "$prefix/share/$NAME"
    # Copied beside its place and renamed into it: a running astro-aws is not disturbed, and no half of one is ever there.
    staged=$bin_dir/.$NAME.$$
    if ! cp "$work/$NAME" "$staged" || ! chmod 755 "$staged" || ! mv -f "$staged" "$bin_dir/$NAME"; then
        rm -f "$staged"
        die "$bin_dir/$NAME cannot be written" "choose a folder of your own with --prefix or --bin-dir"
    fi
    printf 'file %s\n' "$bin_dir/$NAME" >>"$work/receipt"
    if [ -f "$prefix/$RECEIPT" ]; then
        # What an earlier run created is still ours to remove.
        cat "$prefix/$RECEIPT" "$work/receipt" | awk '!seen[$0]++' >"$work/receipt.merged"
        mv "$work/receipt.merged" "$work/receipt"
    fi
    cp "$work/receipt" "$prefix/$RECEIPT" || die "$prefix/$RECEIPT cannot be written"
}

uninstall() {
    if [ ! -f "$prefix/$RECEIPT" ]; then
        die "nothing is installed under $prefix: $prefix/$RECEIPT is missing" "was it another --prefix?"
    fi
    sed -n 's/^file //p' "$prefix/$RECEIPT" | while IFS= read -r file; do
        if rm -f "$file"; then say "removed $file"; fi
    done
    folders=$(sed -n 's/^folder //p' "$prefix/$RECEIPT" | awk '{ lines[NR] = $0 } END { for (i = NR; i > 0; i--) print lines[i] }')
    rm -f "$prefix/$RECEIPT"
    rmdir "$prefix/share/$NAME" 2>/dev/null
    # Only what is empty goes: another program may have moved in since.
    printf '%s\n' "$folders" | while IFS= read -r folder; do rmdir "$folder" 2>/dev/null; done
    say "$NAME is gone. Projects that it set up stay so: to take a set-up back, install it again and run \`$NAME undo\` there"
}

report() {
    installed=$("$bin_dir/$NAME" --version) || die "$bin_dir/$NAME was installed and does not run"
    say "installed $installed to $bin_dir/$NAME"
    case :${PATH:-}: in
    *:"$bin_dir":*) say "next: \`$NAME init\` in your Astro project" ;;
    *)
        say "note: $bin_dir is not on your PATH; add this line to your shell's start-up file:"
        say "    export PATH=\"$bin_dir:\$PATH\""
        ;;
    esac
}

absolute() {
    case $1 in
    /*) printf '%s\n' "${1%/}" ;;
    *) printf '%s\n' "$(pwd)/${1%/}" ;;
    esac
}

main() {
    prefix=${PREFIX:-${HOME:-}/.local}
    bin_dir=${BIN_DIR:-}
    version=${VERSION:-}
    task=install
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix | --bin-dir | --version)
            if [ $# -lt 2 ] || [ -z "$2" ]; then die "$1 needs a value" "see --help"; fi
            case $1 in
            --prefix) prefix=$2 ;;
            --bin-dir) bin_dir=$2 ;;
            --version) version=$2 ;;
            esac
            shift
            ;;
        --uninstall) task=uninstall ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) die "unknown option $1" "see --help" ;;
        esac
        shift
    done
    prefix=$(absolute "$prefix")
    bin_dir=$(absolute "${bin_dir:-$prefix/bin}")
    version=${version#v}
    case $version in *[!0-9A-Za-z.+-]*) die "$version is no version" ;; esac

    if [ "$task" = uninstall ]; then
        uninstall
        return
    fi
    work=$(mktemp -d) || die "no folder for temporary files"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM HUP
    : >"$work/receipt"
    if [ -z "${ASTRO_AWS_RELEASE_URL:-}" ] || ! take_release; then build; fi
    place
    report
}

main "$@"
