//! `plimsoll render`: releases in, objects out, all or nothing.

use std::path::PathBuf;

use plimsoll::{
    Diagnostic, Diagnostics, Dialect, Rendered, Request, Resource, cluster_conflicts, dialects,
    render,
};

use super::args::{Output, RenderArgs};
use super::context::{Context, draw};
use super::folder::{Folder, Layout};
use super::progress::in_parallel;
use super::{Failure, write};

pub(crate) fn run(context: &Context, args: &RenderArgs) -> Result<(), Failure> {
    let dialects = dialects(&args.order)?;
    if args.targets.targets.is_empty() && args.targets.labels.is_empty() {
        let releases = context.releases(&args.targets)?;
        let names: Vec<_> = releases.iter().map(|release| release.name.as_str()).collect();
        return Err(Diagnostic::error("usage.no-target", "say what to render")
            .hint(format!("a release: {}", names.join(", ")))
            .hint("or several: `'pulsar/*'`, `-l key=value`, `'**'` for all of them")
            .into());
    }
    let requests: Vec<Request> = context
        .requests(&args.targets, &args.layers)?
        .into_iter()
        .map(|request| request.with_dialects(dialects.iter().copied()))
        .collect();
    let rendered = in_parallel(&requests, "rendered", |request| render(&context.source, request));
    let rendered = Diagnostics::collect(rendered)?;
    let rendered: Vec<(Request, Rendered)> = requests.into_iter().zip(rendered).collect();
    cluster_conflicts(&context.source, &rendered).into_result(())?;
    let rendered: Vec<Rendered> = rendered.into_iter().map(|(_, rendered)| rendered).collect();
    let mut findings = Diagnostics::new();
    for release in &rendered {
        findings.extend(release.warnings().clone());
    }
    // Drawn once and last: whoever reads JSON wants one array, and on a terminal the stream would scroll them away.
    match output(context, args, &dialects, rendered) {
        Err(Failure::Findings(more)) => {
            findings.extend(more);
            Err(Failure::Findings(findings.sorted()))
        }
        done => {
            draw(&findings.sorted(), context.format);
            done
        }
    }
}

fn output(
    context: &Context,
    args: &RenderArgs,
    dialects: &[Dialect],
    rendered: Vec<Rendered>,
) -> Result<(), Failure> {
    let rendered = Diagnostics::collect(
        rendered.into_iter().map(|release| select(release, args).map_err(Diagnostics::from)),
    )?;
    if args.explain_order {
        return write::print(
            &rendered.iter().map(Rendered::explain_order).collect::<Vec<_>>().join("\n"),
        );
    }
    if let Some(dir) = &args.output_dir {
        let folder = Folder { context, dir, output: args.output, layout: Layout::of(dialects)? };
        let files: Vec<(PathBuf, String)> =
            rendered.iter().flat_map(|release| folder.files(release)).collect();
        write::files(&files)?;
        for (path, _) in &files {
            context.say(&format!("wrote {}", path.display()));
        }
        return Ok(());
    }
    let text: String = match args.output {
        Output::Yaml => {
            let text = rendered.iter().map(Rendered::to_yaml).collect();
            // The program ends here, and taking trees apart takes a tenth of its time.
            std::mem::forget(rendered);
            text
        }
        Output::Json => Rendered::join(rendered).map(|all| all.to_json()).unwrap_or_default(),
    };
    write::print(&text)
}

/// Keeps what `--component`, `--wave` and `--show-only` ask for; a filter that matches nothing is an error.
fn select(rendered: Rendered, args: &RenderArgs) -> Result<Rendered, Diagnostic> {
    let name = rendered.release().name.clone();
    let known = |matches: &dyn Fn(&Resource) -> bool, what: String, all: Vec<String>| {
        if rendered.resources().iter().any(matches) {
            return Ok(());
        }
        Err(Diagnostic::error("usage.no-match", format!("`{name}` renders no {what}"))
            .hint(format!("it has {}", all.join(", "))))
    };
    let distinct = |of: &dyn Fn(&Resource) -> String| {
        let mut all: Vec<String> = rendered.resources().iter().map(of).collect();
        all.sort();
        all.dedup();
        all
    };
    for component in &args.component {
        let all = distinct(&|r| r.component().to_owned());
        known(&|r| r.component() == component, format!("component `{component}`"), all)?;
    }
    for wave in &args.wave {
        let all = distinct(&|r| format!("wave {}", r.wave()));
        known(&|r| r.wave() == *wave, format!("wave {wave}"), all)?;
    }
    for wanted in &args.show_only {
        let mut all = distinct(&|r| format!("{}/{}", r.id().kind, r.id().name));
        if let Some((kind, _)) = wanted.split_once('/') {
            let of_kind = |id: &String| id.split_once('/').is_some_and(|(known, _)| known == kind);
            if all.iter().any(of_kind) {
                all.retain(of_kind);
            }
        }
        known(&|r| shows(r, wanted), format!("`{wanted}`"), all)?;
    }
    Ok(rendered.filter(|resource| {
        let component = resource.component();
        (args.component.is_empty() || args.component.iter().any(|name| name == component))
            && (args.wave.is_empty() || args.wave.contains(&resource.wave()))
            && (args.show_only.is_empty()
                || args.show_only.iter().any(|wanted| shows(resource, wanted)))
    }))
}

/// Whether `-s` means this object: by its template's path (or its end), or as `Kind/name`.
fn shows(resource: &Resource, wanted: &str) -> bool {
    let id = resource.id();
    let template = resource.template();
    wanted.split_once('/').is_some_and(|(kind, name)| id.kind == kind && id.name == name)
        || template == wanted
        || template.strip_suffix(wanted).is_some_and(|before| before.ends_with('/'))
}
