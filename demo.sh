#!/usr/bin/env bash
# Shows what ctr is for: a Redis moves live, under load and with its client connected, from one host to another. Both hosts are on
# this machine: each a network namespace with a root and a bridge of its own, on one segment with the client. Everything is in a
# temporary directory and in namespaces that the demo makes, and nothing of it is left.
set -euo pipefail

REPOSITORY=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly REPOSITORY
readonly KEYS=100000 PATIENCE=30 # seconds
readonly SUBNET=10.77.1          # of the segment
readonly -A NUMBER=([A]=1 [B]=2) # of the hosts, in their addresses

work=         # everything that the demo writes
declare -A ns # process numbers of what keeps the hosts' network namespaces
agent=        # process number of B's agent
client=       # process number of the client
current=run   # what is being done, for the message on failure

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
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/ctr-demo.XXXXXX")
  cd "$work"

  make_hosts
  make_image
  run_redis
  connect_client
  move
  compare
}

# ---- the story ----

make_hosts() {
  title "Two hosts, A and B, on one network segment; an agent on B"
  local host
  ip link add segment type bridge
  ip addr add $SUBNET.250/24 dev segment
  ip link set segment up
  for host in A B; do
    make_host $host
  done
  on A agent pki init pki
  for host in A B; do
    on A agent pki issue pki $host --san "$(address $host)"
  done
  local -a serve=(agent serve --listen "$(address B):7443" --cert pki/B.crt --key pki/B.key --ca pki/ca.crt)
  show B "${serve[@]}"
  command_of B "${serve[@]}"
  "${command[@]}" >agent.out 2>agent.log &
  agent=$!
  await "B's agent listens" grep -q listening agent.out
}

# Makes a network namespace with a bridge lan0, plugs it into the segment, and gives ctr a network on it. A host's own containers get
# addresses from a range of the host's own; those that come from the other host keep theirs.
make_host() {
  local host=$1 number=${NUMBER[$1]} gateway
  gateway=$(address "$host")
  unshare --net sleep infinity &
  ns[$host]=$!
  await "host $host has a network of its own" has_own_network "$host"
  ip link add "plug$host" type veth peer name uplink netns "${ns[$host]}"
  ip link set "plug$host" master segment up
  inside "$host" ip link set lo up
  inside "$host" ip link add lan0 type bridge
  inside "$host" ip addr add "$gateway/24" dev lan0
  inside "$host" ip link set lan0 up
  inside "$host" ip link set uplink master lan0 up
  mkdir -p "$host/lib/networks"
  cat >"$host/lib/networks/lan.conflist" <<END
{"cniVersion": "0.4.0", "name": "lan", "plugins": [
  {"type": "bridge", "bridge": "lan0", "isGateway": true, "hairpinMode": true, "capabilities": {"ips": true, "mac": true},
   "ipam": {"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}],
            "ranges": [[$(range "$gateway" "$number"), $(range "$gateway" $((3 - number)))]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}, {"type": "firewall", "backend": ""}]}
END
}

# The addresses of the containers of host number $2, for one whose gateway is $1.
range() {
  printf '{"subnet": "%s.0/24", "rangeStart": "%s.%s", "rangeEnd": "%s.%s", "gateway": "%s"}' \
    $SUBNET $SUBNET $(($2 * 50)) $SUBNET $(($2 * 50 + 49)) "$1"
}

make_image() {
  title "An image of Redis, from this machine's own files, in A"
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
  note "root file system $(size rootfs.tar)"
}

run_redis() {
  title "Redis runs on A"
  on A run -d --name redis --network lan demo/redis:1 --save "" --protected-mode no
  await "Redis answers" redis_answers A
  redis A eval "for i = 1, $KEYS do redis.call('set', 'key:' .. i, string.rep('x', 100)) end" 0 >/dev/null
  address=$(redis_address A)
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
  title "It migrates to B, which gets the image, too"
  before=$(last_reply)
  on A migrate redis --to "$(address B):7443" --tcp-established --cert pki/A.crt --key pki/A.key --ca pki/ca.crt
  local migrated=$milliseconds
  after=$(last_reply)
  await "the client counts on" counted $((after + 200))
  on A ps --all
  on B ps
  note "connection $(connection B), last reply :$(last_reply); the command took $migrated ms"
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
  expect "the gap was the move" yes "$( ((before <= before_gap && before_gap <= after)) && echo yes)"
  expect "Redis' counter is the client's" "$last" "$(redis B get counter)"
  expect "it is the same Redis process, by its run ID" "$run_id" "$(redis_info B server run_id)"
  expect "it has all its keys" $((KEYS + 1)) "$(redis B dbsize)"
  expect "it has the same address" "$address" "$(redis_address B)"
  on B logs --tail 1 redis
  on B rm --force redis
  printf '\nAs promised: Redis moved to another host, and its client noticed a pause of %s ms and nothing else.\n' "$gap"
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

# Shows a ctr command, runs it on host $1 and sets milliseconds to the time it took.
on() {
  local begin=${EPOCHREALTIME/[.,]/}
  current="ctr $2"
  show "$@"
  quiet "$@"
  milliseconds=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
}

show() { printf '%s $ ctr%s\n' "$1" "$(shown "${@:2}")"; }

quiet() {
  command_of "$@"
  "${command[@]}"
}

# Sets command to what runs ctr on host $1.
command_of() {
  command=(nsenter "--net=/proc/${ns[$1]}/ns/net" env CTR_ROOT="$work/$1/lib" CTR_RUNROOT="$work/$1/run"
    "$REPOSITORY/ctr" --cgroup-parent "/${work##*/}-$1" "${@:2}")
}

# Runs a command in the network of host $1.
inside() { nsenter "--net=/proc/${ns[$1]}/ns/net" "${@:2}"; }

has_own_network() { [[ $(network "${ns[$1]}") != "$(network self)" ]]; }

# What tells the network namespace of a process from others.
network() { stat -L -c %i "/proc/$1/ns/net"; }

address() { echo "$SUBNET.${NUMBER[$1]}"; }

# Quotes what a shell would not take as one word.
shown() {
  local word
  for word in "$@"; do
    if [[ $word =~ ^[-_./:=,a-zA-Z0-9]+$ ]]; then printf ' %s' "$word"; else printf " '%s'" "$word"; fi
  done
}

redis_address() { quiet "$1" inspect --format '{{.NetworkSettings.Networks.lan.IPAddress}}' redis; }

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
  local status=$? host
  trap - ERR EXIT
  trap '' INT TERM
  set +e
  end "$client" "$agent"
  for host in "${!ns[@]}"; do
    [[ ! -d $work/$host/run ]] || quiet "$host" rm --force --all --time 0 >/dev/null
    rm -rf --one-file-system /run/ctr-ipam/*-"$(network "${ns[$host]}")"
    end "${ns[$host]}"
  done
  cd /
  find /sys/fs/cgroup -depth -type d -path "*/${work##*/}-*" -exec rmdir {} + 2>/dev/null
  rm -rf --one-file-system "$work"
  exit "$status"
}

# Ends processes of this shell, as far as they were started.
end() {
  local process
  for process in "$@"; do
    if [[ -n $process ]]; then
      kill "$process" 2>/dev/null
      wait "$process" 2>/dev/null
    fi
  done
}

main "$@"
