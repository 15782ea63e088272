# Plays the controllers' part as far as appliers look at it: every workload is ready, every claim bound, and what is
# deleted goes. Sourced by `appliers`, run in the background.

play_controllers() {
  while sleep 0.5; do
    make_ready || true
    finish_deletes || true
  done
}

make_ready() {
  local each='{range .items[*]}{.kind}|{.metadata.namespace}|{.metadata.name}|{.metadata.generation}|{.spec.replicas}|{.status}'
  local kind namespace name generation replicas status
  kubectl get deployments,statefulsets,daemonsets,jobs,persistentvolumeclaims -A -o jsonpath="$each"'{"\n"}{end}' |
    while IFS='|' read -r kind namespace name generation replicas status; do
      case "$kind $status" in
        *'"observedGeneration":'"$generation"[,}]* | Job*Complete* | *Bound*) continue ;; # done before
      esac
      kubectl patch "$kind" -n "$namespace" "$name" --subresource=status --type=merge \
        -p "{\"status\":$(ready "$kind" "$generation" "$replicas")}"
    done
}

ready() { # KIND GENERATION REPLICAS
  local now=2026-01-01T00:00:00Z
  case "$1" in
    Deployment)
      echo '{"observedGeneration":'"$2"',"replicas":'"$3"',"updatedReplicas":'"$3"',"readyReplicas":'"$3"',
        "availableReplicas":'"$3"',"conditions":[{"type":"Available","status":"True"},
          {"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}'
      ;;
    StatefulSet)
      echo '{"observedGeneration":'"$2"',"replicas":'"$3"',"readyReplicas":'"$3"',"currentReplicas":'"$3"',
        "updatedReplicas":'"$3"',"availableReplicas":'"$3"',"currentRevision":"1","updateRevision":"1"}'
      ;;
    DaemonSet)
      echo '{"observedGeneration":'"$2"',"desiredNumberScheduled":1,"currentNumberScheduled":1,"numberMisscheduled":0,
        "numberReady":1,"updatedNumberScheduled":1,"numberAvailable":1}'
      ;;
    Job)
      echo '{"startTime":"'$now'","completionTime":"'$now'","succeeded":1,"conditions":[
        {"type":"SuccessCriteriaMet","status":"True","lastTransitionTime":"'$now'"},
        {"type":"Complete","status":"True","lastTransitionTime":"'$now'"}]}'
      ;;
    PersistentVolumeClaim) echo '{"phase":"Bound"}' ;;
  esac
}

finish_deletes() {
  local each='{range .items[?(@.metadata.deletionTimestamp)]}{.kind} {.metadata.name} {.metadata.namespace}{"\n"}{end}'
  local kind name namespace empty
  kubectl get persistentvolumes,persistentvolumeclaims,namespaces -A -o jsonpath="$each" |
    while read -r kind name namespace; do
      case "$kind" in
        Namespace)
          empty='{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"'$name'"},"spec":{"finalizers":[]}}'
          kubectl replace --raw "/api/v1/namespaces/$name/finalize" -f - <<< "$empty"
          ;;
        *) kubectl patch "$kind" "$name" ${namespace:+-n "$namespace"} --type=merge -p '{"metadata":{"finalizers":null}}' ;;
      esac
    done
}
