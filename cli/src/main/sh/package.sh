#!/bin/sh
# Completes the folder that the launcher starts ctr from, after Maven has put the jars into its lib/:
#   lib/ctr.jar  lib/libjnidispatch.so  lib/libzstd-jni.so  java  ctr.jsa  find-java.sh  ctr  completion.bash
# usage: package.sh DIST JAR LAUNCHER NATIVE-LIBRARIES
set -eu

dist=$1
jar=$2
launcher=$3
native=$4
sources=$(dirname "$0")
. "$sources/find-java.sh"
java_home=$(find_java)

# Nothing is to be done where nothing has changed since it was done.
if [ -f "$dist/ctr.jsa" ] && [ "$(cat "$dist/java")" = "$java_home" ] &&
    [ -z "$(find "$jar" "$launcher" "$native" "$sources" "$dist/lib" -newer "$dist/ctr.jsa" -print -quit)" ]; then
    exit 0
fi

cp "$jar" "$dist/lib/ctr.jar"
cp "$sources/find-java.sh" "$dist/find-java.sh"
cp "$launcher" "$dist/ctr"
chmod 755 "$dist/ctr"

case $(uname -m) in
    aarch64) jna=linux-aarch64 zstd=aarch64 ;;
    *) jna=linux-x86-64 zstd=amd64 ;;
esac
cp "$native/com/sun/jna/$jna/libjnidispatch.so" "$dist/lib/libjnidispatch.so"
cp "$native/linux/$zstd"/libzstd-jni-*.so "$dist/lib/libzstd-jni.so"

echo "$java_home" >"$dist/java"

# Rehearses what people do, to learn which classes that takes. Commands may fail here, as there are neither containers nor
# perhaps the rights to make them.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/rootfs"
number=0
rehearse() {
    number=$((number + 1))
    "$java_home/bin/java" -Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData \
        -Djdk.util.jar.enableMultiRelease=false --enable-native-access=ALL-UNNAMED \
        -Djna.boot.library.path="$dist/lib" -Djna.nounpack=true -Djna.nosys=true \
        -DZstdNativePath="$dist/lib/libzstd-jni.so" \
        -XX:DumpLoadedClassList="$work/classes.$number" \
        -cp "$dist/lib/ctr.jar" dev.ctr.cli.Main --root "$work/root" --runroot "$work/run" "$@" \
        >"$work/out.$number" 2>/dev/null || true
}
rehearse version --format json
tar -C "$work/rootfs" -cf "$work/rootfs.tar" .
rehearse import "$work/rootfs.tar" rehearsal
rehearse save --output "$work/image.tar" rehearsal
rehearse volume create rehearsal
rehearse create --name rehearsal --network none --rootfs "$work/rootfs" true
rehearse ps --all
rehearse inspect --format '{{.State.Status}} {{json .Config}}' rehearsal
rehearse images
rehearse volume ls
rehearse checkpoint --export "$work/archive" rehearsal
rehearse restore --import "$work/archive"
rehearse run --rootfs "$work/no-such-directory" true
rehearse exec rehearsal true
rehearse logs rehearsal
rehearse container cleanup --rm rehearsal
rehearse completion bash
mv "$work/out.$number" "$dist/completion.bash"

# Numbers of classes hold only within one list. Resolving the constants of picocli's classes, which are in Java 5's format,
# would link them, and linked ones of that format do not get into the archive.
cat "$work"/classes.* | sed 's/ id: [0-9]*$//' | awk '!/ source: / && !/^@cp picocli/ && !seen[$0]++' >"$work/classes"

# Commands that start containers cannot be rehearsed here; their own classes are known all the same.
if [ -x "$java_home/bin/jar" ]; then
    for own in "$dist"/lib/ctr*.jar "$dist"/lib/protobuf-java-[0-9]*.jar; do
        "$java_home/bin/jar" --list --file "$own" | sed -n -e 's/^\(dev\/ctr\/.*\)\.class$/\1/p' -e 's/^\(com\/google\/.*\)\.class$/\1/p'
    done | grep -v -e package-info -e '/proto/[^c]' >>"$work/classes"
fi

"$java_home/bin/java" -Xshare:dump -Djdk.util.jar.enableMultiRelease=false --enable-native-access=ALL-UNNAMED \
    -XX:SharedClassListFile="$work/classes" -XX:SharedArchiveFile="$dist/ctr.jsa" \
    -XX:+UseSerialGC -cp "$dist/lib/ctr.jar" >"$work/dump.log" 2>&1 || {
    cat "$work/dump.log" >&2
    exit 1
}
