# Sourced by tests/e2e/run: Debian packages, from the mirror that apt is configured with.

need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    say "installing ${missing[*]}"
    # The packages' own services must not start: the stage runs an engine of its own.
    local policy=/usr/sbin/policy-rc.d ours=no
    if [[ ! -e "$policy" ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 0755 "$policy"
        ours=yes
    fi
    local status=0
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
        >"$caches/apt.log" 2>&1 || status=$?
    [[ "$ours" == no ]] || rm -f "$policy"
    ((status == 0)) || { tail -n 20 "$caches/apt.log" >&2; fail "apt-get could not install ${missing[*]}"; }
}

debian_suite() { ( . /etc/os-release && printf '%s\n' "$VERSION_CODENAME" ); }

# The address of the Debian mirror, out of apt's own configuration.
debian_mirror() {
    local suite mirror
    suite="$(debian_suite)"
    mirror="$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')"
    [[ -n "$mirror" ]] || { echo "apt knows no mirror for $suite main" >&2; return 1; }
    printf '%s\n' "$mirror"
}

# unpack_from_newer_suite FOLDER PACKAGE: the package of Debian unstable, unpacked and not installed; apt's own
# state is left as it is.
unpack_from_newer_suite() {
    local folder="$1" package="$2" apt="$1/apt" mirror
    mirror="$(debian_mirror)"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
    local options=(
        -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Acquire::Languages=none -o APT::Sandbox::User=root
    )
    apt-get "${options[@]}" update
    (cd "$apt/download" && apt-get "${options[@]}" download "$package")
    mkdir -p "$folder/unpacked"
    dpkg -x "$apt/download/$package"_*.deb "$folder/unpacked"
    rm -rf "$apt"
}
