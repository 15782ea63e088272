//! What a component of each kind starts with: its templates, and the schema of the values that they read.

use clap::ValueEnum;

/// The workload of a component, in Kubernetes' own word.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub(super) enum Kind {
    /// Pods that are alike, and a Service
    Deployment,
    /// Pods with a name and a volume each, and a headless Service
    StatefulSet,
    /// A pod on each node
    DaemonSet,
    /// A pod that runs once
    Job,
    /// A pod that runs at set times
    CronJob,
}

const IMAGE: &str = "  image:
    description: The container image
    type: string
    minLength: 1
    default: nginx:1.29
";
const REPLICAS: &str = "  replicas:
    description: How many pods run
    type: integer
    minimum: 0
    default: 1
";
const PORT: &str = "  port:
    description: The port that the program listens on
    type: integer
    minimum: 1
    maximum: 65535
    default: 80
";
const STORAGE: &str = "  storage:
    description: The volume of each pod
    type: object
    properties:
      size:
        description: How much is asked for
        type: string
        default: 1Gi
      className:
        description: The storage class; null takes the cluster's default
        type: [string, \"null\"]
        default: null
";
const COMMAND: &str = "  command:
    description: The program and its arguments
    type: array
    items: {type: string}
    default: [nginx, -t]
";
const SCHEDULE: &str = "  schedule:
    description: When it runs, as minute, hour, day of the month, month, day of the week
    type: string
    default: 0 3 * * *
";

impl Kind {
    /// File names and texts.
    pub(super) fn templates(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Deployment => &[
                ("deployment.yaml.j2", include_str!("skeleton/deployment.yaml.j2")),
                ("service.yaml.j2", include_str!("skeleton/service.yaml.j2")),
            ],
            Self::StatefulSet => &[
                ("stateful-set.yaml.j2", include_str!("skeleton/stateful-set.yaml.j2")),
                ("service.yaml.j2", include_str!("skeleton/headless-service.yaml.j2")),
            ],
            Self::DaemonSet => {
                &[("daemon-set.yaml.j2", include_str!("skeleton/daemon-set.yaml.j2"))]
            }
            Self::Job => &[("job.yaml.j2", include_str!("skeleton/job.yaml.j2"))],
            Self::CronJob => &[("cron-job.yaml.j2", include_str!("skeleton/cron-job.yaml.j2"))],
        }
    }

    /// The schema of a component whose values lie under `key`.
    pub(super) fn schema(self, component: &str, key: &str) -> String {
        let properties = match self {
            Self::Deployment => [REPLICAS, IMAGE, PORT].concat(),
            Self::StatefulSet => [REPLICAS, IMAGE, PORT, STORAGE].concat(),
            Self::DaemonSet => IMAGE.to_owned(),
            Self::Job => [IMAGE, COMMAND].concat(),
            Self::CronJob => [IMAGE, COMMAND, SCHEDULE].concat(),
        };
        format!(
            "\
# The values of component {component}: set them as {key}.… in a layer, read them as values.… in its templates.
$schema: https://json-schema.org/draft/2020-12/schema
type: object
properties:
{properties}"
        )
    }
}
