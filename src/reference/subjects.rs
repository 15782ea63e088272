//! Who gets a role.

use crate::diag::Diagnostic;
use crate::manifest::Resource;

use super::fault::{Fault, told};
use super::path::{along, text};
use super::table::RBAC;

/// Accounts without a namespace; the API server knows no default for it.
pub(super) fn faults(from: usize, resource: &Resource, namespace: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let is_binding = matches!(&*resource.id.kind, "RoleBinding" | "ClusterRoleBinding");
    if resource.id.group != RBAC || !is_binding {
        return faults;
    }
    along(&resource.node, &["subjects", "*"], &mut Vec::new(), &mut |subject, way| {
        if text(subject, &["kind"]) == Some("ServiceAccount")
            && text(subject, &["namespace"]).is_none()
        {
            let message =
                format!("{} is a ServiceAccount without a namespace", told(way, resource));
            let finding = Diagnostic::error("reference.subject-namespace", message);
            let fault = Fault::new(finding, from, way, "this subject");
            faults.push(fault.hint(format!("write `namespace: {namespace}` beside its name")));
        }
    });
    faults
}
