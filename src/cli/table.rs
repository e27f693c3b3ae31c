//! Tables as Docker's tools lay them out: cells end with tabs, and a column is as wide as its widest cell (Go's
//! `text/tabwriter`).
//!
//! Pure: text in, text out.

/// How wide columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// The narrowest column, in characters.
    pub least: usize,
    /// The spaces after the widest cell.
    pub padding: usize,
}

/// `docker ps` and its kin.
pub const DOCKER: Widths = Widths { least: 10, padding: 3 };
/// `docker compose images` and `ls`.
pub const COMPOSE: Widths = Widths { least: 20, padding: 3 };
/// `docker compose top`.
pub const TOP: Widths = Widths { least: 4, padding: 2 };

/// Lays out lines whose cells are ended by tabs; what follows the last tab of a line is in no column.
pub fn lay_out(text: &str, widths: Widths) -> String {
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let mut out = String::new();
    for (row, cells) in lines.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            out.push_str(cell);
            if column + 1 < cells.len() {
                let width = column_width(&lines, row, column, widths);
                out.extend(std::iter::repeat_n(' ', width - cell.chars().count()));
            }
        }
        out.push('\n');
    }
    out
}

/// Rows as a table with a header.
pub fn table<Row: AsRef<[String]>>(header: &[&str], rows: &[Row], widths: Widths) -> String {
    let mut text = header.join("\t") + "\n";
    for row in rows {
        text.push_str(&row.as_ref().join("\t"));
        text.push('\n');
    }
    lay_out(&text, widths)
}

/// The width of a cell's column: of all neighbouring lines that have a cell there.
fn column_width(lines: &[Vec<&str>], row: usize, column: usize, widths: Widths) -> usize {
    let has_cell = |line: &&Vec<&str>| line.len() > column + 1;
    let above = lines[..row].iter().rev().take_while(has_cell);
    let below = lines[row..].iter().take_while(has_cell);
    let widest = above.chain(below).map(|line| line[column].chars().count()).max().unwrap_or(0);
    widths.least.max(widest + widths.padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["web".to_owned(), "x".repeat(12), String::new()],
            ["job-1…".to_owned(), "y".into(), "z".into()],
        ];
        let expected =
            "NAME      IMAGE          PORTS\nweb       xxxxxxxxxxxx   \njob-1…    y              z\n";
        assert_eq!(table(&["NAME", "IMAGE", "PORTS"], &rows, DOCKER), expected);
        assert_eq!(lay_out("a\tb\nno cell\nlong\tc\n", TOP), "a   b\nno cell\nlong  c\n");
    }
}
