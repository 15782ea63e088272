# Starts and stops an API server: kube-apiserver and etcd on loopback, everything they write in one temporary folder.
# Sourced by `run` and `appliers`. Sets `tmp` (the folder), `server_version`, and exports KUBECONFIG.

# The controllers do not run, so two admission plugins would wait for what nobody makes: token Secrets of service
# accounts, and the answers of webhooks whose pods do not exist. Everything else is as Kubernetes sets it up.
readonly switched_off=ServiceAccount,MutatingAdmissionWebhook,ValidatingAdmissionWebhook

skip() {
  printf 'SKIPPED: %s: %s\n' "$0" "$*"
  exit 0
}

# Everything that a script here begins with: programs, plimsoll itself, the server.
begin() {
  local program
  for program in kubectl openssl; do
    command -v $program > /dev/null || skip "no $program on PATH"
  done
  binaries=$(find_binaries) || { [ $? -eq 3 ] && skip "no kube-apiserver and etcd, and no Go to build them with"; exit 1; }
  if [ -z "${PLIMSOLL:-}" ]; then
    cargo build --quiet --locked
    PLIMSOLL="cargo run --quiet --locked --"
  fi
  start_server "$binaries"
  echo "kube-apiserver $server_version, $(kubectl version --client | sed -n 's/^Client Version: /kubectl /p')"
  warnings="$tmp/warnings"
  : > "$warnings"
}

# Its cache goes where everything goes.
kubectl() { command kubectl --cache-dir "$tmp/cache" "$@"; }

# Prints the folder that holds kube-apiserver and etcd: given, installed, or built. Fails with 3 when there is none.
find_binaries() {
  local dir
  for dir in "${KUBEBUILDER_ASSETS:-}" "$(dirname "$(command -v kube-apiserver || echo /none/x)")"; do
    if [ -x "$dir/kube-apiserver" ] && [ -x "$dir/etcd" ]; then
      echo "$dir"
      return
    fi
  done
  "$here/build" etcd kube-apiserver
}

# A port that nobody listens on.
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)) && (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

start_server() { # FOLDER_OF_BINARIES
  tmp=$(mktemp -d "${TMPDIR:-/tmp}/plimsoll-cluster.XXXXXX")
  pids=()
  trap stop_server EXIT
  local client peer secure token
  client=$(free_port) peer=$(free_port) secure=$(free_port)
  token=$(openssl rand -hex 16)
  echo "$token,admin,admin,system:masters" > "$tmp/tokens.csv"
  openssl genrsa -out "$tmp/service-accounts.key" 2048 2>/dev/null

  "$1/etcd" --name default --data-dir "$tmp/etcd" --unsafe-no-fsync \
    --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
    --initial-cluster "default=http://127.0.0.1:$peer" > "$tmp/etcd.log" 2>&1 &
  pids+=($!)
  "$1/kube-apiserver" --etcd-servers "http://127.0.0.1:$client" --cert-dir "$tmp/certificates" \
    --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$secure" \
    --service-cluster-ip-range 10.96.0.0/16,fd00:96::/108 --authorization-mode RBAC --allow-privileged \
    --token-auth-file "$tmp/tokens.csv" --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$tmp/service-accounts.key" \
    --service-account-signing-key-file "$tmp/service-accounts.key" \
    --disable-admission-plugins "$switched_off" > "$tmp/kube-apiserver.log" 2>&1 &
  pids+=($!)

  export KUBECONFIG="$tmp/kubeconfig"
  # The server signs its certificate itself and writes it at once.
  local waited=0
  until [ -s "$tmp/certificates/apiserver.crt" ] && kubectl get --raw /readyz > /dev/null 2>&1; do
    if ! kill -0 "${pids[@]}" 2>/dev/null || [ $((waited += 1)) -gt 240 ]; then
      echo "the API server did not start; the end of its log:" >&2
      tail -n 20 "$tmp/etcd.log" "$tmp/kube-apiserver.log" >&2
      return 1
    fi
    [ -s "$KUBECONFIG" ] || [ ! -s "$tmp/certificates/apiserver.crt" ] || write_kubeconfig "$secure" "$token"
    sleep 0.5
  done
  kubectl wait --for=create --timeout=60s namespace/default namespace/kube-system > /dev/null
  server_version=$(kubectl get --raw /version | sed -n 's/.*"gitVersion": "\(.*\)",*$/\1/p')
}

write_kubeconfig() { # PORT TOKEN
  kubectl config set-cluster test --server "https://127.0.0.1:$1" \
    --certificate-authority "$tmp/certificates/apiserver.crt" > /dev/null
  kubectl config set-credentials admin --token "$2" > /dev/null
  kubectl config set-context test --cluster test --user admin > /dev/null
  kubectl config use-context test > /dev/null
}

stop_server() {
  # At once: without etcd the API server would not end for minutes, and nothing of theirs is kept.
  [ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
  if [ -n "${KEEP:-}" ]; then echo "kept: $tmp" >&2; else rm -rf "$tmp"; fi
}
