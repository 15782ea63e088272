# One release against the API server. Sourced by `run`, which sets `release`; files are in `tmp`.

# Applies the release as README.md tells, one step after the other; the first that fails ends it.
try_release() {
  stream="$tmp/stream.yaml" waves="$tmp/waves"
  rm -rf "$stream" "$waves"
  step "render" render_stream
  step "render" cut_stream
  step "what others bring" bring_outside
  # Nothing can be tried in a namespace, or of a kind, that the server has not.
  step "namespaces and definitions" apply_files "$waves"/0[01]-*.yaml
  step "apply --server-side --dry-run=server" kubectl apply --server-side --dry-run=server -f "$stream"
  step "apply in wave order" apply_files "$waves"/*.yaml
  step "get" save_objects before
  step "apply a second time" kubectl apply --server-side -f "$stream"
  step "get" save_objects after
  step "the second apply changes nothing" diff "$tmp/before" "$tmp/after"
  step "get -o yaml" save_live
  step "diff --against - of the live objects" diff_live
  local spelled
  spelled=$(grep -c 'only the order or spelling differs' "$tmp/output" || true)
  step "delete in reverse" delete_release
  printf '%d objects in %d steps, %d spelled otherwise by the server\n' \
    "$(grep -c '^kind: ' "$stream")" "$(ls "$waves" | wc -l)" "$spelled" > "$tmp/output"
}

# Runs a command; what it prints is shown only if it fails. Warnings of the server are collected.
step() { # NAME COMMAND…
  local code=0
  echo "$1" > "$tmp/step"
  "${@:2}" > "$tmp/output" 2>&1 || code=$?
  sed -n "s|^\(Warning: .*\)|$release: \1|p" "$tmp/output" >> "$tmp/warnings"
  return "$code"
}

# A command of plimsoll for the release with its secrets: `tests/secrets/CHART.yaml`, on top `CHART-ENVIRONMENT.yaml`.
plimsoll() { # COMMAND OPTIONS…
  local layers=() file
  for file in "tests/secrets/${release%%/*}.yaml" "tests/secrets/${release//\//-}.yaml"; do
    [ ! -f "$file" ] || layers+=(-f "$file")
  done
  case "$release" in
    # Keeps upstream's placeholder for a node, and no server takes that.
    hera/upstream-parity) layers+=(--set storage.nodeName=node-1) ;;
  esac
  $PLIMSOLL "$1" "$release" "${layers[@]}" "${@:2}"
}

render_stream() { plimsoll render > "$stream"; }

# Cuts the stream into files in the order to apply them: namespaces, definitions, then a file for each wave; and the
# same documents the other way round into what is deleted first and the ground that it stands on.
cut_stream() {
  mkdir -p "$waves"
  awk -v dir="$waves" -v tmp="$tmp" '
    function finish(  file) {
      if (text == "") return
      file = kind == "Namespace" ? "00-namespaces" : kind == "CustomResourceDefinition" ? "01-definitions" \
        : sprintf("%02d-wave-%d", wave + 2, wave)
      print "---\n" text > (dir "/" file ".yaml")
      texts[++count] = text
      grounds[count] = kind == "Namespace" || kind == "CustomResourceDefinition"
      text = kind = ""; wave = 0
    }
    /^---$/ { finish(); next }
    { text = text $0 "\n" }
    /^kind: / { kind = $2 }
    /^    plimsoll.dev\/wave: / { gsub(/"/, "", $2); wave = $2 }
    END {
      finish()
      printf "" > (tmp "/delete-first.yaml"); printf "" > (tmp "/delete-last.yaml")
      for (; count > 0; count--)
        print "---\n" texts[count] > (tmp "/delete-" (grounds[count] ? "last" : "first") ".yaml")
    }
  ' "$stream"
}

# What the release expects of the cluster.
bring_outside() {
  kubectl apply --server-side -f "$here/outside/" || return
  case "$release" in
    opentelemetry/minimal) # runs beside a release that has the operator
      release=opentelemetry/seed-exact plimsoll render -s CustomResourceDefinition/instrumentations.opentelemetry.io |
        kubectl apply --server-side -f - || return
      kubectl wait --for=condition=Established --timeout=120s crd/instrumentations.opentelemetry.io
      ;;
  esac
}

# Applies files one after the other, and waits for definitions to be served.
apply_files() { # FILES…
  local file
  for file; do
    [ -f "$file" ] || continue
    kubectl apply --server-side -f "$file" || return
    case "$file" in
      *-definitions.yaml) kubectl wait --for=condition=Established --timeout=120s -f "$file" || return ;;
    esac
  done
}

# What the server holds of each object, with who owns which field. The version is left out: a write that changes
# nothing moves it for some kinds, such as a claim without a storage class.
save_objects() { # NAME
  kubectl get -f "$stream" -o yaml --show-managed-fields | sed '/^    resourceVersion: /d; /^      time: /d' > "$tmp/$1"
}

save_live() { kubectl get -f "$stream" -o yaml > "$tmp/live.yaml"; }

diff_live() { plimsoll diff --against - < "$tmp/live.yaml"; }

# Deletes the release. Some of it has to be let go of, which would be the controllers' part: volumes that nobody uses
# any more, and namespaces that are empty.
delete_release() {
  delete_all "$tmp/delete-first.yaml" && delete_all "$tmp/delete-last.yaml"
}

delete_all() { # FILE
  [ -s "$1" ] || return 0
  kubectl delete --ignore-not-found --wait=false -f "$1" || return
  kubectl get --ignore-not-found -f "$1" -o yaml > "$tmp/left.yaml" || return
  if [ -s "$tmp/left.yaml" ]; then
    let_go || return
    kubectl wait --for=delete --timeout=300s -f "$tmp/left.yaml" || return
  fi
}

# Takes off what holds the objects of `left.yaml` while they are deleted.
let_go() {
  local name empty
  kubectl get --ignore-not-found -f "$tmp/left.yaml" -o name > "$tmp/left" || return
  while read -r name; do
    case "$name" in
      customresourcedefinition.*) ;; # the API server does this itself
      namespace/*)
        empty='{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"'${name#*/}'"},"spec":{"finalizers":[]}}'
        kubectl replace --raw "/api/v1/namespaces/${name#*/}/finalize" -f - <<< "$empty" || return
        ;;
      *) kubectl patch --type=merge -p '{"metadata":{"finalizers":null}}' -f "$tmp/left.yaml" && return ;;
    esac
  done < "$tmp/left"
}
