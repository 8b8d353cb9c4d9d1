//! Whether SELinux decides what a container may read: then a bind mount needs the `z` option, which relabels it.
//!
//! In: [`Files`], of which one file of the kernel is read. Out: yes or no.

use super::files::Files;
use super::os::Os;
use super::paths::HostPath;

/// Whether SELinux is on and enforcing: `/sys/fs/selinux/enforce` reads `1` (selinux(8)).
///
/// Permissive (`0`) and absent are both "no": neither keeps a container from reading.
pub fn is_enforcing(files: &impl Files) -> bool {
    files.read(&HostPath::new(Os::Linux, "/sys/fs/selinux/enforce")).is_some_and(|text| text.trim() == "1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::files::Table;

    #[test]
    fn only_an_enforcing_selinux_counts() {
        let enforce = "/sys/fs/selinux/enforce";
        for (files, expected) in [
            (Table::default(), false),
            (Table::default().with(enforce, "0"), false),
            (Table::default().with(enforce, "1"), true),
            (Table::default().with(enforce, "1\n"), true),
            (Table::default().with(enforce, ""), false),
        ] {
            assert_eq!(is_enforcing(&files), expected);
        }
    }
}
