//! Ways to get the shop of `references.rs` wrong.

use plimsoll::Severity;

type Words = &'static str;

/// A slip: what it changes, and what must be said of it.
pub(crate) struct Slip {
    pub(crate) old: Words,
    pub(crate) new: Words,
    pub(crate) code: Words,
    pub(crate) severity: Severity,
    /// The field, as the message names it.
    pub(crate) field: Words,
    /// Part of a hint.
    pub(crate) hint: Words,
}

const fn warns(old: Words, new: Words, code: Words, field: Words, hint: Words) -> Slip {
    Slip { old, new, code, severity: Severity::Warning, field, hint }
}

const fn fails(old: Words, new: Words, code: Words, field: Words, hint: Words) -> Slip {
    Slip { old, new, code, severity: Severity::Error, field, hint }
}

const OBJECT: &str = "reference.missing-object";
const KEY: &str = "reference.missing-key";
const PORT: &str = "reference.missing-port";
const VOLUME: &str = "reference.missing-volume";
pub(crate) const NAME: &str = "reference.duplicate-name";
const SELECTS: &str = "reference.selects-nothing";
const OWN: &str = "reference.own-selector";

pub(crate) fn slips() -> impl Iterator<Item = &'static Slip> {
    [OBJECTS, PARTS, PODS, ONCE].into_iter().flatten()
}

/// Names of objects that are not there.
const OBJECTS: &[Slip] = &[
    warns(
        "                name: settings\n            - secretRef",
        "                name: setings # here\n            - secretRef",
        OBJECT,
        "spec.template.spec.initContainers[0].envFrom[0].configMapRef.name",
        "did you mean `settings`?",
    ),
    warns(
        "            - secretRef:\n                name: credentials",
        "            - secretRef:\n                name: credential # here",
        OBJECT,
        "spec.template.spec.initContainers[0].envFrom[1].secretRef.name",
        "did you mean `credentials`?",
    ),
    warns(
        "                  name: settings\n                  key: logging.xml",
        "                  name: logging # here\n                  key: logging.xml",
        OBJECT,
        "spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.name",
        "say so under `external`",
    ),
    warns(
        "                secretKeyRef:\n                  name: credentials",
        "                secretKeyRef:\n                  name: settings # here",
        OBJECT,
        "spec.template.spec.containers[0].env[1].valueFrom.secretKeyRef.name",
        "there is a ConfigMap of that name",
    ),
    warns(
        "          configMap:\n            name: settings",
        "          configMap:\n            name: config # here",
        OBJECT,
        "spec.template.spec.volumes[0].configMap.name",
        "{apiVersion: v1, kind: ConfigMap, name: config, reason: …}",
    ),
    warns(
        "            claimName: uploads",
        "            claimName: upload # here",
        OBJECT,
        "spec.template.spec.volumes[1].persistentVolumeClaim.claimName",
        "did you mean `uploads`?",
    ),
    warns(
        "            secretName: credentials",
        "            secretName: user # here",
        OBJECT,
        "spec.template.spec.volumes[2].secret.secretName",
        "",
    ),
    warns(
        "              - configMap:\n                  name: settings",
        "              - configMap:\n                  name: sets # here",
        OBJECT,
        "spec.template.spec.volumes[3].projected.sources[0].configMap.name",
        "",
    ),
    warns(
        "              - secret:\n                  name: credentials",
        "              - secret:\n                  name: certificates # here",
        OBJECT,
        "spec.template.spec.volumes[3].projected.sources[1].secret.name",
        "",
    ),
    warns(
        "            claimName: uploads",
        "            claimName: data-store-x # here",
        OBJECT,
        "spec.template.spec.volumes[1].persistentVolumeClaim.claimName",
        "",
    ),
    warns(
        "          configMap:\n            name: settings",
        "          azureFile:\n            secretName: share # here",
        OBJECT,
        "spec.template.spec.volumes[0].azureFile.secretName",
        "",
    ),
    warns(
        "          configMap:\n            name: settings",
        "          csi:\n            nodePublishSecretRef:\n              name: share # here",
        OBJECT,
        "spec.template.spec.volumes[0].csi.nodePublishSecretRef.name",
        "",
    ),
    warns(
        "      serviceAccountName: robot",
        "      serviceAccountName: robots # here",
        OBJECT,
        "spec.template.spec.serviceAccountName",
        "did you mean `robot`?",
    ),
    warns(
        "      priorityClassName: important",
        "      priorityClassName: urgent # here",
        OBJECT,
        "spec.template.spec.priorityClassName",
        "kind: PriorityClass, name: urgent",
    ),
    warns(
        "      runtimeClassName: sandbox",
        "      runtimeClassName: sandbocks # here",
        OBJECT,
        "spec.template.spec.runtimeClassName",
        "did you mean `sandbox`?",
    ),
    warns(
        "      imagePullSecrets:\n        - name: credentials",
        "      imagePullSecrets:\n        - name: registry # here",
        OBJECT,
        "spec.template.spec.imagePullSecrets[0].name",
        "",
    ),
    warns(
        "metadata: {name: robot}\nimagePullSecrets:\n  - name: credentials",
        "metadata: {name: robot}\nimagePullSecrets:\n  - name: registry # here",
        OBJECT,
        "imagePullSecrets[0].name",
        "",
    ),
    warns(
        "          serviceAccountName: default",
        "          serviceAccountName: defualt # here",
        OBJECT,
        "spec.jobTemplate.spec.template.spec.serviceAccountName",
        "",
    ),
    warns(
        "                - secretRef: {name: from-elsewhere, optional: true}",
        "                - secretRef: {name: from-elsewhere, optional: false} # here",
        OBJECT,
        "spec.jobTemplate.spec.template.spec.containers[0].envFrom[0].secretRef.name",
        "",
    ),
    warns(
        "                claimName: data-store-0",
        "                claimName: data-storage-0 # here",
        OBJECT,
        "spec.jobTemplate.spec.template.spec.volumes[0].persistentVolumeClaim.claimName",
        "",
    ),
    // Classes are brought along by clusters: only what looks like a slip is one.
    warns(
        "  storageClassName: fast-disks\n  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 1Gi}}\n---",
        "  storageClassName: fast-disk # here\n  accessModes: [ReadWriteOnce]\n---",
        OBJECT,
        "spec.storageClassName",
        "did you mean `fast-disks`?",
    ),
    warns(
        "        storageClassName: fast-disks\n",
        "        storageClassName: fastdisks # here\n",
        OBJECT,
        "spec.volumeClaimTemplates[0].spec.storageClassName",
        "did you mean `fast-disks`?",
    ),
    warns(
        "  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 1Gi}}\n---",
        "  volumeName: disk-7 # here\n---",
        OBJECT,
        "spec.volumeName",
        "kind: PersistentVolume, name: disk-7",
    ),
    warns(
        "  kind: Role\n  name: reader",
        "  kind: Role\n  name: reder # here",
        OBJECT,
        "roleRef.name",
        "did you mean `reader`?",
    ),
    warns(
        "  kind: Role\n  name: reader",
        "  kind: Role\n  name: watcher # here",
        OBJECT,
        "roleRef.name",
        "there is a ClusterRole of that name",
    ),
    warns(
        "  kind: ClusterRole\n  name: watcher",
        "  kind: ClusterRole\n  name: reader # here",
        OBJECT,
        "roleRef.name",
        "there is a Role of that name",
    ),
    warns(
        "    name: robot\n    namespace: shop\n---",
        "    name: robot # here\n    namespace: other\n---",
        OBJECT,
        "subjects[0].name",
        "is in the namespace `shop`, and wanted in `other`",
    ),
    warns(
        "    name: robot\n    namespace: shop\n  - {kind: Group",
        "    name: somebody # here\n    namespace: shop\n  - {kind: Group",
        OBJECT,
        "subjects[0].name",
        "",
    ),
    fails(
        "  - kind: ServiceAccount\n    name: robot\n    namespace: shop\n  - {kind: Group",
        "  - kind: ServiceAccount # here\n    name: robot\n  - {kind: Group",
        "reference.subject-namespace",
        "subjects[0]",
        "namespace: shop",
    ),
    warns(
        "  serviceName: store",
        "  serviceName: stores # here",
        OBJECT,
        "spec.serviceName",
        "did you mean `store`?",
    ),
    warns(
        "  defaultBackend:\n    service:\n      name: front",
        "  defaultBackend:\n    service:\n      name: back # here",
        OBJECT,
        "spec.defaultBackend.service.name",
        "",
    ),
    warns(
        "              service:\n                name: front",
        "              service:\n                name: frontend # here",
        OBJECT,
        "spec.rules[0].http.paths[0].backend.service.name",
        "",
    ),
    warns(
        "[shop.example.com]\n      secretName: credentials",
        "[shop.example.com]\n      secretName: certificate # here",
        OBJECT,
        "spec.tls[0].secretName",
        "",
    ),
    warns(
        "    kind: Deployment\n    name: front",
        "    kind: Deployment\n    name: fornt # here",
        OBJECT,
        "spec.scaleTargetRef.name",
        "did you mean `front`?",
    ),
    warns(
        "    kind: Deployment\n    name: front",
        "    kind: StatefulSet\n    name: front # here",
        OBJECT,
        "spec.scaleTargetRef.name",
        "",
    ),
    warns(
        "        name: front\n        namespace: shop",
        "        name: front # here\n        namespace: other",
        OBJECT,
        "webhooks[0].clientConfig.service.name",
        "is in the namespace `shop`",
    ),
    warns(
        "metadata: {name: credentials}\n",
        "metadata:\n  name: credentials\n  annotations:\n    kubernetes.io/service-account.name: nobody # here\ntype: kubernetes.io/service-account-token\n",
        OBJECT,
        "metadata.annotations.\"kubernetes.io/service-account.name\"",
        "",
    ),
];

/// Keys, files and ports of objects that are there.
const PARTS: &[Slip] = &[
    warns(
        "                  key: logging.xml",
        "                  key: loging.xml # here",
        KEY,
        "spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key",
        "did you mean `logging.xml`?",
    ),
    warns(
        "                  key: password",
        "                  key: token # here",
        KEY,
        "spec.template.spec.containers[0].env[1].valueFrom.secretKeyRef.key",
        "it has `user`, `password`",
    ),
    warns(
        "              - key: user",
        "              - key: usr # here",
        KEY,
        "spec.template.spec.volumes[2].secret.items[0].key",
        "did you mean `user`?",
    ),
    warns(
        "                    - key: shop.properties",
        "                    - key: shop.ini # here",
        KEY,
        "spec.template.spec.volumes[3].projected.sources[0].configMap.items[0].key",
        "",
    ),
    warns(
        "                    - key: password",
        "                    - key: passwort # here",
        KEY,
        "spec.template.spec.volumes[3].projected.sources[1].secret.items[0].key",
        "did you mean `password`?",
    ),
    warns(
        "              subPath: logging.xml",
        "              subPath: logback.xml # here",
        KEY,
        "spec.template.spec.containers[0].volumeMounts[2].subPath",
        "",
    ),
    warns(
        "              subPath: name",
        "              subPath: user # here",
        KEY,
        "spec.template.spec.containers[0].volumeMounts[4].subPath",
        "an empty folder",
    ),
    warns(
        "        number: 80\n",
        "        number: 8080 # here\n",
        PORT,
        "spec.defaultBackend.service.port.number",
        "it has 80 (`http`), 9090 (`metrics`)",
    ),
    warns(
        "                  name: http\n",
        "                  name: htpp # here\n",
        PORT,
        "spec.rules[0].http.paths[0].backend.service.port.name",
        "did you mean `http`?",
    ),
    warns(
        "        port: 80\n",
        "        port: 443 # here\n",
        PORT,
        "webhooks[0].clientConfig.service.port",
        "",
    ),
    warns(
        "      targetPort: http\n",
        "      targetPort: web # here\n",
        PORT,
        "spec.ports[0].targetPort",
        "there are http, metrics",
    ),
    warns(
        "port: http}",
        "port: https} # here",
        PORT,
        "spec.template.spec.containers[0].livenessProbe.httpGet.port",
        "did you mean `http`?",
    ),
    warns(
        "            tcpSocket:\n              port: metrics",
        "            tcpSocket:\n              port: metric # here",
        PORT,
        "spec.template.spec.containers[0].readinessProbe.tcpSocket.port",
        "did you mean `metrics`?",
    ),
    warns(
        "              port: 8080\n",
        "              port: start # here\n",
        PORT,
        "spec.template.spec.containers[0].startupProbe.httpGet.port",
        "",
    ),
    warns(
        "                port: metrics\n",
        "                port: stop # here\n",
        PORT,
        "spec.template.spec.containers[0].lifecycle.preStop.httpGet.port",
        "",
    ),
    warns(
        "  clusterIP: None\n  selector: {app: store}",
        "  selector: {app: store}",
        "reference.not-headless",
        "spec.serviceName",
        "clusterIP: None",
    ),
];

/// Selectors, mounts.
const PODS: &[Slip] = &[
    warns(
        "    app: front\n    tier: web\n",
        "    app: front\n    tier: wep # here\n",
        SELECTS,
        "spec.selector",
        "have `tier: web`",
    ),
    warns(
        "    app: front\n    tier: web\n",
        "    app: front\n    zone: a # here\n",
        SELECTS,
        "spec.selector",
        "have no label `zone`",
    ),
    warns(
        "  minAvailable: 1\n  selector:\n    matchLabels:\n      app: front\n",
        "  minAvailable: 1\n  selector:\n    matchLabels:\n      app: frond # here\n",
        SELECTS,
        "spec.selector",
        "have `app: front`",
    ),
    warns(
        "  podSelector:\n    matchExpressions:\n      - {key: app, operator: In, values: [store]}",
        "  podSelector:\n    matchExpressions: # here\n      - {key: app, operator: In, values: [shelf]}",
        SELECTS,
        "spec.podSelector",
        "kind: Pod, labels",
    ),
    warns(
        "metadata: {name: store}\nspec:\n  clusterIP: None\n  selector: {app: store}",
        "metadata: {name: store}\nspec:\n  clusterIP: None\n  selector: {app: stores} # here",
        SELECTS,
        "spec.selector",
        "have `app: store`",
    ),
    fails(
        "    matchLabels:\n      app: front\n  template",
        "    matchLabels:\n      app: fornt # here\n  template",
        OWN,
        "spec.selector",
        "`app` is `front` in the template, not `fornt`",
    ),
    fails(
        "    matchLabels:\n      app: front\n  template",
        "    matchLabels:\n      name: front # here\n  template",
        OWN,
        "spec.selector",
        "the template has no label `name`",
    ),
    fails(
        "    matchLabels: {app: store}\n    matchExpressions:\n      - {key: app, operator: Exists}",
        "    matchExpressions:\n      - {key: app, operator: DoesNotExist}",
        OWN,
        "spec.selector",
        "",
    ),
    fails(
        "    matchLabels: {app: store}\n    matchExpressions:\n      - {key: app, operator: Exists}",
        "    matchLabels: {}",
        OWN,
        "spec.selector",
        "the API server refuses",
    ),
    fails(
        "            - name: uploads\n              mountPath",
        "            - name: upload # here\n              mountPath",
        VOLUME,
        "spec.template.spec.containers[0].volumeMounts[1].name",
        "did you mean `uploads`?",
    ),
    fails(
        "            - name: data\n              mountPath",
        "            - name: disk # here\n              mountPath",
        VOLUME,
        "spec.template.spec.containers[0].volumeMounts[0].name",
        "it has data",
    ),
    fails(
        "              image: example.com/nightly:1",
        "              image: example.com/nightly:1\n              volumeDevices:\n                - name: disk # here\n                  devicePath: /dev/a",
        VOLUME,
        "spec.jobTemplate.spec.template.spec.containers[0].volumeDevices[0].name",
        "it has backup",
    ),
];

/// What may be there once.
const ONCE: &[Slip] = &[
    fails(
        "      containers:\n        - name: front\n",
        "      containers:\n        - name: prepare # here\n",
        NAME,
        "spec.template.spec.containers[0].name",
        "",
    ),
    fails(
        "        - name: uploads\n          persistent",
        "        - name: settings # here\n          persistent",
        NAME,
        "spec.template.spec.volumes[1].name",
        "",
    ),
    fails(
        "            - name: metrics\n              containerPort: 9090",
        "            - name: http # here\n              containerPort: 9090",
        NAME,
        "spec.template.spec.containers[0].ports[1].name",
        "",
    ),
    fails(
        "    - name: metrics\n      port: 9090",
        "    - name: http # here\n      port: 9090",
        NAME,
        "spec.ports[1].name",
        "",
    ),
    fails(
        "    - name: metrics\n      port: 9090\n",
        "    - name: metrics\n      port: 80 # here\n",
        "reference.duplicate-port",
        "spec.ports[1].port",
        "",
    ),
    fails(
        "      port: 80\n      targetPort: http\n    - name: metrics\n      port: 9090\n",
        "      port: 80\n      nodePort: 30080\n    - name: metrics\n      port: 9090\n      nodePort: 30080 # here\n",
        "reference.duplicate-port",
        "spec.ports[1].nodePort",
        "",
    ),
    fails(
        "    - name: metrics\n      port: 9090\n",
        "    - port: 9090 # here\n",
        "reference.unnamed-port",
        "spec.ports[1]",
        "give each port a `name`",
    ),
    warns(
        "            - name: metrics\n              containerPort: 9090",
        "            - name: metrics\n              containerPort: 8080 # here",
        "reference.duplicate-port",
        "spec.template.spec.containers[0].ports[1].containerPort",
        "",
    ),
    warns(
        "            - name: PASSWORD\n",
        "            - name: LOG # here\n",
        "reference.duplicate-env",
        "spec.template.spec.containers[0].env[1].name",
        "",
    ),
    fails(
        "              mountPath: /etc/all",
        "              mountPath: /etc/shop # here",
        "reference.duplicate-mount",
        "spec.template.spec.containers[0].volumeMounts[3].mountPath",
        "",
    ),
];
