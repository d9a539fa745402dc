//! One file per subcommand. Each has `Arguments` for clap and a `run` that gives the exit code: 0 when
//! all is well, 1 when a check failed, 2 (an error) when it could not be made.

pub(crate) mod chaos;
pub(crate) mod demo;
pub(crate) mod probe;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod simulate;

use std::io::{self, Write};

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};

/// Prints to standard output. A reader that went away (`| head`) is no error.
fn say(text: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// A table with these headings, the columns named in `numbers` aligned to the right.
fn table(headings: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(headings);
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A progress bar, where standard error is a terminal; else it shows nothing.
fn progress(steps: usize, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    bar
}
