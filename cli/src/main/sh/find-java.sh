# Sourced by the launcher and by package.sh, so that both come to the same Java.

# Prints the home of the newest Java from 17 on: JAVA_HOME's, one of /usr/lib/jvm, or the one on PATH. Asks the file
# "release" of each, which is much faster than starting it. Of equally new ones the first wins.
find_java() {
    best_home=
    best_version=16
    path_java=$(command -v java || true)
    [ -n "$path_java" ] && path_java=$(readlink -f "$path_java")
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/* "${path_java%/bin/java}"; do
        if [ -x "$home/bin/java" ] && [ -r "$home/release" ]; then
            feature=$(feature_version "$home/release")
            if [ "$feature" -gt "$best_version" ]; then
                best_home=$home
                best_version=$feature
            fi
        fi
    done
    [ -n "$best_home" ] && readlink -f "$best_home"
}

# Prints the first number of JAVA_VERSION in a release file, 0 if there is none.
feature_version() {
    while IFS= read -r line; do
        case $line in
            JAVA_VERSION=\"*)
                version=${line#JAVA_VERSION=\"}
                version=${version%%[!0-9]*}
                echo "${version:-0}"
                return
                ;;
        esac
    done <"$1"
    echo 0
}
