//! The text of one file and its lines.
//!
//! Byte offsets go in; line numbers, line borders and the file's own line ending come out. A byte-order mark belongs to
//! no line.

use std::ops::Range;

/// U+FEFF in UTF-8, which some editors put at the start of a file.
const BOM: &str = "\u{feff}";

pub(super) struct Source {
    pub(super) text: String,
    starts: Vec<usize>,
}

impl Source {
    pub(super) fn new(text: String) -> Self {
        let mut starts = vec![if text.starts_with(BOM) { BOM.len() } else { 0 }];
        starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset + 1));
        Self { text, starts }
    }

    /// Where the text begins, behind a byte-order mark.
    pub(super) fn start(&self) -> usize {
        self.starts.first().copied().unwrap_or(0)
    }

    /// The line that holds `offset`, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    pub(super) fn line_start(&self, offset: usize) -> usize {
        self.starts.get(self.line(offset) - 1).copied().unwrap_or(0)
    }

    /// Where the next line starts; the end of the text for the last line.
    pub(super) fn line_end(&self, offset: usize) -> usize {
        self.starts.get(self.line(offset)).copied().unwrap_or(self.text.len())
    }

    /// The end of the line's text, before its line ending.
    pub(super) fn text_end(&self, offset: usize) -> usize {
        let line = self.slice(self.line_start(offset)..self.line_end(offset));
        self.line_start(offset) + line.trim_end_matches(['\n', '\r']).len()
    }

    /// The column of `offset`, in characters.
    pub(super) fn column(&self, offset: usize) -> usize {
        self.slice(self.line_start(offset)..offset).chars().count()
    }

    /// The blanks that the line of `offset` starts with.
    pub(super) fn indentation(&self, offset: usize) -> &str {
        let line = self.slice(self.line_start(offset)..self.text_end(offset));
        line.split_at(line.len() - line.trim_start_matches([' ', '\t']).len()).0
    }

    /// Whether nothing but blanks stands before `offset` on its line.
    pub(super) fn opens_line(&self, offset: usize) -> bool {
        self.line_start(offset) + self.indentation(offset).len() >= offset
    }

    /// The text of a range; empty where the range is not one of this text.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(offset).copied()
    }

    /// The first offset from `from` on that is neither a blank, a line ending nor in a comment.
    pub(super) fn skip_trivia(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(byte) = self.byte(at) {
            let after_blank = at <= self.start() || self.byte(at - 1).is_some_and(|byte| byte.is_ascii_whitespace());
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'#' if after_blank => at = self.text_end(at),
                _ => break,
            }
        }
        at
    }

    /// The line ending at `offset`: that of its line, on a last line without one that of the line before, else LF.
    pub(super) fn newline(&self, offset: usize) -> &'static str {
        let own = self.slice(self.line_start(offset)..self.line_end(offset));
        let before = self.slice(0..self.line_start(offset));
        let local = if own.ends_with('\n') { own } else { before };
        if local.ends_with("\r\n") { "\r\n" } else { "\n" }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let source = Source::new("\u{feff}a: é\r\nb: c".to_owned());
        assert_eq!(source.start(), 3);
        assert_eq!(source.column(3), 0);
        assert_eq!((source.line(3), source.line(10), source.line(12)), (1, 2, 2));
    }

    #[test]
    fn lines_end_before_their_line_ending() {
        let source = Source::new("a: b\r\n  c".to_owned());
        assert_eq!((source.text_end(1), source.line_end(1)), (4, 6));
        assert_eq!((source.text_end(8), source.line_end(8)), (9, 9));
        assert_eq!((source.newline(0), source.newline(8)), ("\r\n", "\r\n"));
        assert!(source.opens_line(8) && !source.opens_line(3));
    }

    #[test]
    fn trivia_is_blanks_line_endings_and_comments() {
        let source = Source::new("a  # b\n  # c\n d#e".to_owned());
        assert_eq!(source.slice(source.skip_trivia(1)..source.text.len()), "d#e");
    }
}
