# One release against the API server. Sourced by `run`, which sets `release`; files are in `tmp`. Where `upstream` is
# `yes`, custom resource definitions are there already, as their makers publish them.
upstream=

# Applies the release as README.md tells, one step after the other; the first that fails ends it.
try_release() {
  stream="$tmp/stream.yaml"
  rm -rf "$tmp/tree" "$tmp/kustomize"
  step "render" render_all
  step "kustomize build" build_kustomize
  step "what others bring" bring_outside
  # Nothing can be tried in a namespace, or of a kind, that the server has not.
  step "namespaces and definitions" apply_folders $(ground)
  step "apply --server-side --dry-run=server" kubectl apply --server-side --dry-run=server -f "$stream"
  step "apply --server-side --dry-run=server -R" kubectl apply --server-side --dry-run=server -R -f "$tmp/tree"
  step "apply in wave order" apply_folders $(ground) $(waves)
  step "get" save_objects before
  step "apply a second time" kubectl apply --server-side -f "$stream"
  step "get" save_objects after
  step "the second apply changes nothing" diff "$tmp/before" "$tmp/after"
  step "get -o yaml" save_live
  step "diff --against - of the live objects" diff_live
  step "delete in reverse" delete_release
  printf '%d objects in %d steps\n' "$(grep -c '^kind: ' "$stream")" "$(wc -w <<< "$(ground) $(waves)")" > "$tmp/output"
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
  case "$upstream ${release%%/*}" in
    "yes opentelemetry") layers+=(--set components.crds=false) ;;
    yes*) layers+=(--set crds.source=external) ;;
  esac
  $PLIMSOLL "$1" "$release" "${layers[@]}" "${@:2}"
}

# The same objects as a stream, as a tree for kubectl and as one for Kustomize.
render_all() {
  plimsoll render > "$stream" &&
    plimsoll render --order cli-utils,kubectl --output-dir "$tmp/tree" &&
    plimsoll render --order cli-utils,kustomize --output-dir "$tmp/kustomize"
}

# Folders of the tree, in the order to apply them.
ground() { find "$tmp/tree/$release" -mindepth 1 -maxdepth 1 -name '0[01]-*' | sort; }
waves() { find "$tmp/tree/$release" -mindepth 1 -maxdepth 1 -name '*-wave-*' | sort; }

# Kustomize gives the objects of the stream, wave after wave.
build_kustomize() {
  kubectl kustomize "$tmp/kustomize/$release" > "$tmp/built.yaml" || return
  $PLIMSOLL compare "$stream" "$tmp/built.yaml" || return
  local wave='s/^    plimsoll.dev\/wave: //p'
  diff <(sed -n "$wave" "$tmp/built.yaml" | uniq) <(cat $(find "$tmp/tree" -name '*.yaml' | sort) | sed -n "$wave" | uniq)
}

# What the release expects of the cluster.
bring_outside() {
  [ -z "$upstream" ] || return 0
  kubectl apply --server-side -f "$here/outside/" || return
  case "$release" in
    opentelemetry/minimal) # runs beside a release that has the operator
      release=opentelemetry/seed-exact plimsoll render -s CustomResourceDefinition/instrumentations.opentelemetry.io |
        kubectl apply --server-side -f - || return
      kubectl wait --for=condition=Established --timeout=120s crd/instrumentations.opentelemetry.io
      ;;
  esac
}

# Applies folders one after the other, and waits for definitions to be served.
apply_folders() { # FOLDERS…
  local folder
  for folder; do
    kubectl apply --server-side -R -f "$folder" || return
    case "$folder" in
      *-definitions) kubectl wait --for=condition=Established --timeout=120s -R -f "$folder" || return ;;
    esac
  done
}

# What the server holds of each object, with who owns which field. The version is left out: a write that changes
# nothing moves it for some kinds, such as a claim without a storage class.
save_objects() { # NAME
  kubectl get -f "$stream" -o yaml --show-managed-fields | sed '/^    resourceVersion: /d; /^      time: /d' > "$tmp/$1"
}

# Which fields of a custom resource its definition filled in is known from who owns which field only.
save_live() { kubectl get -f "$stream" -o yaml ${upstream:+--show-managed-fields} > "$tmp/live.yaml"; }

# Prints nothing but the line that counts.
diff_live() {
  local code=0
  plimsoll diff --against - < "$tmp/live.yaml" > "$tmp/difference" || code=$?
  cat "$tmp/difference"
  [ $code -eq 0 ] && [ ! -s "$tmp/difference" ]
}

# Deletes the release, last wave first.
delete_release() { delete_folders $(waves | sort -r) && delete_folders $(ground | sort -r); }

delete_folders() { # FOLDERS…
  local folder all=()
  for folder; do
    kubectl delete --ignore-not-found --wait=false -R -f "$folder" || return
    all+=(-f "$folder")
  done
  [ $# -gt 0 ] || return 0
  kubectl get --ignore-not-found -R "${all[@]}" -o yaml > "$tmp/left.yaml" || return
  if [ -s "$tmp/left.yaml" ]; then
    let_go || return
    kubectl wait --for=delete --timeout=120s -f "$tmp/left.yaml" || return
  fi
}

# Takes off what holds the objects of `left.yaml` while they are deleted. Controllers would do this: nobody uses the
# volumes any more, and the namespaces are empty.
let_go() {
  local name empty free='{"metadata":{"finalizers":null}}'
  kubectl get --ignore-not-found -f "$tmp/left.yaml" -o name > "$tmp/left" || return
  while read -r name; do
    case "$name" in
      # The API server does this itself, but of dozens at once it takes minutes.
      customresourcedefinition.*) kubectl patch "$name" --type=merge -p "$free" || true ;;
      namespace/*)
        empty='{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"'${name#*/}'"},"spec":{"finalizers":[]}}'
        kubectl replace --raw "/api/v1/namespaces/${name#*/}/finalize" -f - <<< "$empty" || return
        ;;
      *) kubectl patch --type=merge -p "$free" -f "$tmp/left.yaml" && return ;;
    esac
  done < "$tmp/left"
}
