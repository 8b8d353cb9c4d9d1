//! The editor's promises, shown on hand-made override files and on generated ones.

mod document;
mod generated;
mod hostile;
mod strings;
mod table;
mod written;
