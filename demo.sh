#!/usr/bin/env bash
# Shows what ctr is for: a Redis moves, under load and with its clients connected, from one root to another. Everything
# happens in a temporary directory and a network namespace of its own, and nothing of it is left.
set -euo pipefail

REPOSITORY=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly REPOSITORY
readonly KEYS=100000 PATIENCE=30 # seconds

work=       # everything that the demo writes
client=     # process number of the client
current=run # what is being done, for the message on failure

main() {
  case ${1:-} in
    "") start ;;
    --isolated) demonstrate ;;
    *)
      echo "Usage: ./demo.sh   (as root; takes a minute, more when ctr has to be built first)"
      [[ $1 == -h || $1 == --help ]]
      ;;
  esac
}

start() {
  if ((EUID != 0)); then
    echo "demo.sh: containers need root: run it as root or with sudo." >&2
    exit 1
  fi
  "$REPOSITORY/setup.sh" --with-tests
  exec unshare --net -- "$BASH" "$REPOSITORY/demo.sh" --isolated
}

demonstrate() {
  trap 'failed $LINENO' ERR
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  set -E
  ip link set lo up
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/ctr-demo.XXXXXX")
  cd "$work"
  mkdir A B

  make_image
  run_redis
  connect_client
  move
  compare
}

# ---- the story ----

make_image() {
  title "An image of Redis, from this host's own files, in root A and root B"
  local program
  mkdir -p rootfs/{bin,tmp,data}
  cp "$(command -v busybox)" rootfs/bin/busybox
  ln -s busybox rootfs/bin/sh
  for program in redis-server redis-cli; do
    cp -L "$(command -v "$program")" rootfs/bin/
    ldd "$(command -v "$program")" | grep -o '/[^ ]*' | xargs cp -L --parents -t rootfs
  done
  tar -C rootfs -cf rootfs.tar .
  on A import --change 'ENTRYPOINT ["redis-server"]' --change 'WORKDIR /data' rootfs.tar demo/redis:1
  on A save --quiet --output redis.tar demo/redis:1
  on B load --quiet --input redis.tar
  note "root file system $(size rootfs.tar)"
  expect "both roots hold the same image" "$(image_id A)" "$(image_id B)"
}

run_redis() {
  title "Redis runs in root A"
  on A run -d --name redis --network bridge demo/redis:1 --save "" --protected-mode no
  await "Redis answers" redis_answers A
  redis A eval "for i = 1, $KEYS do redis.call('set', 'key:' .. i, string.rep('x', 100)) end" 0 >/dev/null
  address=$(quiet A inspect --format '{{.NetworkSettings.IPAddress}}' redis)
  run_id=$(redis_info A server run_id)
  note "address $address, $(redis A dbsize) keys, $(redis_info A memory used_memory_human) of memory, Redis' run ID ${run_id:0:12}"
}

connect_client() {
  title "A client counts: INCR after INCR on one TCP connection, every reply written down"
  count "$address" 6379 >replies 2>client-errors &
  client=$!
  await "the client has counted to 200" counted 200
  connection=$(connection A)
  note "connection $connection, last reply :$(last_reply)"
}

move() {
  title "Freeze it in root A, with its connections, into one file; let it go on in root B"
  before=$(last_reply)
  on A checkpoint --tcp-established --export redis.tar.zst redis
  local checkpointed=$milliseconds
  at_freeze=$(last_reply)
  on A rm redis
  on B restore --tcp-established --import redis.tar.zst
  local restored=$milliseconds
  after=$(last_reply)
  await "the client counts on" counted $((after + 200))
  note "connection $(connection B), last reply :$(last_reply)"
  note "archive $(size redis.tar.zst); checkpoint $checkpointed ms, restore $restored ms, by the command's own start and end"
}

compare() {
  title "What the client saw"
  expect "it is the same TCP connection, by both ends" "$connection" "$(connection B)"
  touch stop
  wait "$client" || fail "the client failed: $(cat client-errors)"
  client=
  local last gap before_gap after_gap
  last=$(last_reply)
  read -r gap before_gap after_gap < <(longest_gap)
  note "last reply before the move :$before_gap, first reply after it :$after_gap"
  note "$last replies, no error, longest gap $gap ms"
  expect "every number from 1 to $last came once, in order" "$(seq "$last" | cksum)" "$(cut -d' ' -f2 replies | cksum)"
  expect "the gap was the move" yes "$( ((before <= before_gap && before_gap <= at_freeze)) && echo yes)"
  expect "Redis' counter is the client's" "$last" "$(redis B get counter)"
  expect "it is the same Redis process, by its run ID" "$run_id" "$(redis_info B server run_id)"
  expect "it has all its keys" $((KEYS + 1)) "$(redis B dbsize)"
  expect "it has the same address" "$address" "$(quiet B inspect --format '{{.NetworkSettings.IPAddress}}' redis)"
  on B logs --tail 1 redis
  on B rm --force redis
  printf '\nAs promised: Redis moved, and its client noticed a pause of %s ms and nothing else.\n' "$gap"
}

# ---- the client ----

# Counts at address $1, port $2 until the file stop appears; prints the time in µs and the number of every reply.
count() {
  local number=0 reply idle
  exec {idle}<> <(:) 3<>"/dev/tcp/$1/$2"
  while [[ ! -e stop ]]; do
    printf 'INCR counter\r\n' >&3
    IFS= read -r -t "$PATIENCE" reply <&3 || fail "no reply after $number within $PATIENCE s, or the connection broke"
    number=$((number + 1))
    [[ $reply == ":$number"$'\r' ]] || fail "the reply to INCR number $number was ${reply@Q}"
    printf '%s %s\n' "${EPOCHREALTIME/[.,]/}" "$number"
    read -r -t 0.002 -u "$idle" || true
  done
}

last_reply() { tail -n 1 replies | cut -d' ' -f2; }

counted() { [[ -s replies ]] && (($(last_reply) >= $1)); }

# Prints the longest time between two replies in ms, and the two numbers.
longest_gap() {
  awk 'NR > 1 && $1 - time > gap { gap = $1 - time; first = number; second = $2 }
    { time = $1; number = $2 }
    END { printf "%d %d %d\n", gap / 1000, first, second }' replies
}

# ---- ctr and Redis ----

# Shows a ctr command, runs it with the root $1 and sets milliseconds to the time it took.
on() {
  local root=$1 begin=${EPOCHREALTIME/[.,]/}
  shift
  current="ctr $1"
  printf '%s $ ctr%s\n' "$root" "$(shown "$@")"
  quiet "$root" "$@"
  milliseconds=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
}

quiet() { CTR_ROOT=$work/$1/lib CTR_RUNROOT=$work/$1/run "$REPOSITORY/ctr" "${@:2}"; }

# Quotes what a shell would not take as one word.
shown() {
  local word
  for word in "$@"; do
    if [[ $word =~ ^[-_./:=,a-zA-Z0-9]+$ ]]; then printf ' %s' "$word"; else printf " '%s'" "$word"; fi
  done
}

image_id() { quiet "$1" images --quiet --no-trunc; }

redis() { quiet "$1" exec redis redis-cli "${@:2}" | tr -d '\r'; }

redis_info() { redis "$1" info "$2" | sed -n "s/^$3://p"; }

redis_answers() { [[ $(redis "$1" ping 2>/dev/null) == PONG ]]; }

# The client's end of the connection, as Redis sees it.
connection() { redis "$1" client list | sed -n 's/.*addr=\([^ ]*\) laddr=\([^ ]*\) .*cmd=incr.*/\1 → \2/p'; }

# ---- words ----

title() { printf '\n== %s ==\n' "$*"; }

note() { printf '  %s\n' "$*"; }

size() { numfmt --to=iec-i --suffix=B --format=%.1f "$(stat -c %s "$1")"; }

# Waits until command ${@:2} succeeds.
await() {
  local what=$1 deadline=$((SECONDS + PATIENCE))
  current="waiting until $what"
  until "${@:2}"; do
    [[ -z $client ]] || kill -0 "$client" 2>/dev/null || fail "the client failed: $(cat client-errors)"
    ((SECONDS < deadline)) || fail "waited $PATIENCE s in vain until $what."
    sleep 0.05
  done
}

expect() {
  [[ $2 == "$3" ]] || fail "it does not hold that $1: expected $2, found $3."
  note "✓ $1"
}

fail() {
  printf 'demo.sh: %s\n' "$*" >&2
  exit 1
}

failed() {
  local status=$?
  trap - ERR
  ((BASH_SUBSHELL == 0)) || exit "$status"
  printf 'demo.sh: failed (%s) at "%s", line %s.\n' "$status" "$current" "$1" >&2
  exit 1
}

clean_up() {
  local status=$? root
  trap - ERR EXIT
  set +e
  if [[ -n $client ]]; then
    kill "$client" 2>/dev/null
    wait "$client" 2>/dev/null
  fi
  for root in A B; do
    [[ ! -d $work/$root/lib ]] || quiet "$root" rm --force --all --time 0 >/dev/null
  done
  cd /
  rm -rf --one-file-system "$work" /run/ctr-ipam/*-"$(stat -L -c %i /proc/self/ns/net)"
  exit "$status"
}

main "$@"
