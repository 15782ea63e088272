//! What people type who know Helm, Kustomize or kubectl, and what it is called here.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error};

const RENDERS_ONLY: &str =
    "plimsoll does not talk to clusters: `plimsoll render RELEASE | kubectl apply -f -`";

/// Commands and flags of other tools, each with what to type instead.
const ADVICE: &[(&[&str], &str)] = &[
    (&["install", "upgrade", "apply", "uninstall", "delete", "rollback", "sync"], RENDERS_ONLY),
    (&["--install", "--atomic", "--wait", "--dry-run"], RENDERS_ONLY),
    (
        &["--validate", "--skip-schema-validation"],
        "objects are always checked against the Kubernetes API; `--no-validate` leaves that out",
    ),
    (&["build", "generate", "kustomize", "export"], "`plimsoll render` prints the objects"),
    (
        &["lint", "validate", "test", "--strict"],
        "`plimsoll check` checks releases, strictly always",
    ),
    (&["create", "init", "scaffold"], "`plimsoll new chart NAME` starts a chart"),
    (&["show", "get", "vals"], "`plimsoll values RELEASE` prints the merged values"),
    (&["list", "ls"], "`plimsoll render` without a target names the releases"),
    (&["why", "trace"], "`plimsoll explain RELEASE PATH` says where a value comes from"),
    (&["dependency", "dep", "repo", "pull", "push"], "charts are folders; there is no registry"),
    (
        &["--include-crds", "--skip-crds", "--no-hooks"],
        "custom resource definitions are objects like any other",
    ),
    (&["--values-file", "--var-file"], "layers are given by `-f FILE`"),
    (&["--release-name"], "releases are named by `--name NAME`"),
    (&["--env", "--environment"], "environments are releases: `plimsoll render CHART/ENVIRONMENT`"),
];

/// Adds to a usage error what the word means here, if another tool has it.
pub(crate) fn advise(mut error: Error) -> Error {
    let typed =
        [ContextKind::InvalidSubcommand, ContextKind::InvalidArg].into_iter().find_map(|kind| {
            match error.get(kind) {
                Some(ContextValue::String(word)) => Some(word.clone()),
                _ => None,
            }
        });
    let advice = typed.and_then(|word| {
        ADVICE.iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, advice)| *advice)
    });
    if let Some(advice) = advice {
        for near in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg] {
            error.remove(near);
        }
        let advice = vec![StyledStr::from(advice)];
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(advice));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::super::args::Cli;
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn no_advice_stands_in_the_way_of_what_there_is() {
        let mut command = Cli::command();
        command.build();
        let names: Vec<String> = command
            .get_subcommands()
            .flat_map(|sub| {
                let flags =
                    sub.get_arguments().filter_map(clap::Arg::get_long).map(|f| format!("--{f}"));
                flags.chain([sub.get_name().to_owned()]).collect::<Vec<_>>()
            })
            .collect();
        for word in ADVICE.iter().flat_map(|(words, _)| *words) {
            assert!(!names.iter().any(|name| name == word), "{word} exists");
        }
    }
}
