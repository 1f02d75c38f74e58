# What the scripts beside it share; sourced, not run. See README.md for the settings.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Says what is tested, then runs it.
run() {
    printf '== %s\n' "$about"
    printf '$ %s\n' "$*"
    exec "$@"
}

# `-p NAME` for each crate that is named, or for those whose tests run anywhere.
packages() {
    local name
    if [ $# -eq 0 ]; then
        # The facade is last: it takes longest.
        set -- tokio-*/ tokio/
    fi
    for name in "$@"; do
        name=${name%/}
        if [ "$name" != tokio-macros ]; then printf -- '-p %s ' "$name"; fi
    done
}

host() { rustc -vV | sed -n 's/^host: //p'; }

# sanitize KIND [CRATE]...: with std compiled in the same way, for what a sanitizer does not see there it
# reports in our code, or misses.
sanitize() {
    local kind=$1
    shift
    export RUSTFLAGS="${RUSTFLAGS:-} -Zsanitizer=$kind" RUSTDOCFLAGS="${RUSTDOCFLAGS:-} -Zsanitizer=$kind"
    # shellcheck disable=SC2046,SC2086
    run ${CARGO:-cargo +nightly} test ${BUILD_STD--Zbuild-std} --target "$(host)" --lib --tests \
        --no-fail-fast $(packages "$@")
}

# emulate TARGET LINKER RUNNER [CRATE]...: tests for another platform, run by an emulator
emulate() {
    local target=$1 linker=$2 runner=$3 key
    shift 3
    key=$(printf 'CARGO_TARGET_%s' "${target^^}" | tr - _)
    local linker_key=${key}_LINKER runner_key=${key}_RUNNER
    export "$linker_key=${!linker_key:-$linker}" "$runner_key=${!runner_key:-$runner}"
    # shellcheck disable=SC2046,SC2086
    run ${CARGO:-cargo} test --target "$target" --lib --tests --no-fail-fast $(packages "$@")
}

# check TARGET SUBCOMMAND [ARGUMENT]...: all targets of all crates, compiled and not run
check() {
    local target=$1
    shift
    # shellcheck disable=SC2086
    run ${CARGO:-cargo} "${1:-check}" --target "$target" --workspace --exclude benches --all-targets "${@:2}"
}
