//! An editor for the INI dialect of the AWS shared files that sets properties of one section and keeps every other byte.
//!
//! In come the bytes of a file; out come the bytes with some properties set in one section. The AWS SDKs and botocore
//! read this dialect differently in its corners: what they would not read alike after an edit is refused. Each edit is
//! parsed again and compared before it is handed out.

mod header;
mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use super::Refusal;
use parse::{Block, Property};

const BOM: char = '\u{feff}';

/// The largest file that is edited, in bytes: 10,000 sections take about 1.5 MB.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A section as a person thinks of it: `[profile dev]` has a prefix, `[default]` has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section<'a> {
    /// The word before the name, such as `profile` or `sso-session`.
    pub prefix: Option<&'a str>,
    /// The name without the quotes that a blank makes necessary behind a prefix.
    pub name: &'a str,
}

impl fmt::Display for Section<'_> {
    /// The header as the AWS CLI writes it (awscli: `customizations/configure/__init__.py`, `get_section_header`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix {
            None => write!(f, "[{}]", self.name),
            Some(prefix) if self.name.contains(' ') => write!(f, "[{prefix} '{}']", self.name),
            Some(prefix) => write!(f, "[{prefix} {}]", self.name),
        }
    }
}

/// A property, with the positions of its block and of itself in the block.
type Found<'a> = ((usize, usize), &'a Property);

/// A parsed file with the bytes it came from. `Debug` leaves the content out: it may hold secrets.
pub struct Ini {
    bytes: Vec<u8>,
    blocks: Vec<Block>,
}

impl fmt::Debug for Ini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ini").field("sections", &self.blocks.len()).finish_non_exhaustive()
    }
}

impl Ini {
    /// Reads a file's bytes. Bytes that are not UTF-8 are kept as they are.
    ///
    /// # Errors
    /// A [`Refusal`] with the line for what the AWS SDKs cannot read, for two sections of one name in different
    /// spellings with different values for one key (their order is left open), for NUL bytes, UTF-16 and large files.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_BYTES {
            return Err(Refusal::whole(format!("is larger than {} MiB", MAX_BYTES / 1024 / 1024)));
        }
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            return Err(Refusal::whole("is encoded as UTF-16; save it as UTF-8"));
        }
        if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
            let line = 1 + bytes[..at].iter().filter(|&&byte| byte == b'\n').count();
            return Err(Refusal::at(line, "holds a NUL byte, so it is not a text file in UTF-8"));
        }
        let text = same_length_text(bytes);
        let start = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
        let blocks = parse::blocks(&text, start)?;
        refuse_contradictions(&blocks)?;
        Ok(Self { bytes: bytes.to_vec(), blocks })
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The line of the first header of `section`, counted from 1; `None` where the file does not have it.
    ///
    /// # Errors
    /// A [`Refusal`] with the line where AWS tools do not agree on which header means `section`.
    pub fn line_of(&self, section: &Section<'_>) -> Result<Option<usize>, Refusal> {
        Ok(self.positions(section)?.first().map(|&at| self.blocks[at].header.line))
    }

    /// The value of a property, without a comment behind it; the lines of a block follow after a line break each.
    ///
    /// # Errors
    /// As [`Self::line_of`].
    pub fn get(&self, section: &Section<'_>, key: &str) -> Result<Option<&str>, Refusal> {
        let positions = self.positions(section)?;
        Ok(self.property(&positions, key)?.map(|(_, property)| property.value.as_str()))
    }

    /// The file with these properties in `section`: the last occurrence of a key gets the value in place and keeps its
    /// spelling, its spacing, a comment behind it and its line end; new keys follow the section's last property; a new
    /// section follows at the end of the file after an empty line. An equal value changes nothing.
    ///
    /// botocore takes a comment behind a value for a part of the value, before an edit and after it.
    ///
    /// # Errors
    /// A [`Refusal`] for a name, key or value that some reader would take differently, and for an edit that would
    /// change what another line means.
    pub fn set(&self, section: &Section<'_>, entries: &[(&str, &str)]) -> Result<Self, Refusal> {
        let mut edited = Self::parse(&self.bytes)?;
        for (key, value) in entries {
            require_plain_key(key)?;
            require_plain_value(key, value)?;
            edited = edited.with(section, key, value)?;
        }
        Ok(edited)
    }

    fn with(self, section: &Section<'_>, key: &str, value: &str) -> Result<Self, Refusal> {
        let positions = self.positions(section)?;
        let mut expected = self.outline();
        let bytes = match (self.property(&positions, key)?, positions.last()) {
            (Some((_, present)), _) if present.value == value => return Ok(self),
            (Some((_, present)), _) if present.is_block => {
                let reason = format!("`{key}` is followed by indented lines, which belong to its value");
                return Err(Refusal::at(present.line, reason));
            }
            (Some(((block, at), present)), _) => {
                expected[block].1[at].1 = value.to_owned();
                self.replaced(present, value)
            }
            (None, Some(&last)) => {
                expected[last].1.push((key.to_ascii_lowercase(), value.to_owned()));
                self.inserted(self.blocks[last].end(), &format!("{key} = {value}"))
            }
            (None, None) => {
                require_plain_name(section)?;
                let header = section.to_string();
                let written = header[1..header.len() - 1].to_owned();
                expected.push((written, vec![(key.to_ascii_lowercase(), value.to_owned())]));
                self.appended(&header, &format!("{key} = {value}"))
            }
        };
        let edited = Self::parse(&bytes)?;
        if edited.outline() == expected {
            return Ok(edited);
        }
        Err(Refusal::whole(format!("cannot take `{key}` in {section} without a change to another line's meaning")))
    }

    /// The blocks that make up `section`, in the order of the file.
    fn positions(&self, section: &Section<'_>) -> Result<Vec<usize>, Refusal> {
        let mut found: Vec<usize> = Vec::new();
        for (at, Block { header, .. }) in self.blocks.iter().enumerate() {
            match (header.is(section), header.is_to_botocore(section)) {
                (false, false) => {}
                (true, true) => match found.first().map(|&first| &self.blocks[first].header) {
                    // The SDKs merge the two, botocore takes the last alone.
                    Some(first) if first.written != header.written => {
                        let reason = format!(
                            "has {section} again (it is also on line {}), and AWS tools differ on which counts: \
                             make them one",
                            first.line
                        );
                        return Err(Refusal::at(header.line, reason));
                    }
                    _ => found.push(at),
                },
                _ => {
                    let reason = format!("is {section} to some AWS tools and not to others: write it as `{section}`");
                    return Err(Refusal::at(header.line, reason));
                }
            }
        }
        Ok(found)
    }

    /// The last occurrence of `key` and its position.
    fn property(&self, positions: &[usize], key: &str) -> Result<Option<Found<'_>>, Refusal> {
        let key = key.to_ascii_lowercase();
        let mut found = None;
        for &block in positions {
            for (at, property) in self.blocks[block].properties.iter().enumerate() {
                if property.key == key {
                    found = Some(((block, at), property));
                } else if property.key_to_botocore == key {
                    let reason = format!("sets `{key}` with a `:`, which only some AWS tools understand: use `=`");
                    return Err(Refusal::at(property.line, reason));
                }
            }
        }
        Ok(found)
    }

    fn replaced(&self, present: &Property, value: &str) -> Vec<u8> {
        let (before, after) = (&self.bytes[..present.first.start], &self.bytes[present.first.end..]);
        let was_empty = present.first.is_empty();
        let lead = if was_empty && before.ends_with(b" =") { " " } else { "" };
        let tail = if was_empty && matches!(after.first(), Some(b'#' | b';')) { " " } else { "" };
        [before, lead.as_bytes(), value.as_bytes(), tail.as_bytes(), after].concat()
    }

    /// The file with a line of its own at `at`, where a line ends. A missing line end at the end of the file stays so.
    fn inserted(&self, at: usize, line: &str) -> Vec<u8> {
        let (before, after) = self.bytes.split_at(at);
        let newline = self.line_end(at);
        match before.ends_with(b"\n") {
            true => [before, line.as_bytes(), newline, after].concat(),
            false => [before, newline, line.as_bytes(), after].concat(),
        }
    }

    fn appended(&self, header: &str, line: &str) -> Vec<u8> {
        let end = self.bytes.len();
        let newline = self.line_end(end);
        let content = self.bytes.strip_prefix(BOM.encode_utf8(&mut [0; 4]).as_bytes()).unwrap_or(&self.bytes);
        let is_finished = content.is_empty() || content.ends_with(b"\n");
        let mut edited = self.bytes.clone();
        if !is_finished {
            edited.extend_from_slice(newline);
        }
        let last = content.strip_suffix(b"\n").unwrap_or(content).rsplit(|&byte| byte == b'\n').next();
        if last.is_some_and(|last| !last.trim_ascii().is_empty()) {
            edited.extend_from_slice(newline);
        }
        edited.extend_from_slice(header.as_bytes());
        edited.extend_from_slice(newline);
        edited.extend_from_slice(line.as_bytes());
        if is_finished {
            edited.extend_from_slice(newline);
        }
        edited
    }

    /// The line end of the last line before `at` that has one.
    fn line_end(&self, at: usize) -> &'static [u8] {
        let newline = self.bytes[..at].iter().rposition(|&byte| byte == b'\n');
        if newline.is_some_and(|newline| self.bytes[..newline].ends_with(b"\r")) { b"\r\n" } else { b"\n" }
    }

    /// Every header as written with its keys and values.
    fn outline(&self) -> Vec<(String, Vec<(String, String)>)> {
        let properties = |block: &Block| {
            block.properties.iter().map(|property| (property.key.clone(), property.value.clone())).collect()
        };
        self.blocks.iter().map(|block| (block.header.written.clone(), properties(block))).collect()
    }
}

/// The bytes as text in which every character stands where it stands in the file.
fn same_length_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        // SUB, the character for what cannot be shown, has no meaning in the dialect.
        text.extend(chunk.invalid().iter().map(|_| '\u{1a}'));
    }
    text
}

/// Refuses `[profile a]` beside `[profile  a]` with other values: the AWS SDK for Rust merges them in any order.
fn refuse_contradictions(blocks: &[Block]) -> Result<(), Refusal> {
    let mut seen: BTreeMap<_, Vec<&Block>> = BTreeMap::new();
    for block in blocks {
        let earlier = seen.entry(block.header.parts()).or_default();
        for other in earlier.iter().filter(|other| other.header.written != block.header.written) {
            let contradicts =
                |one: &Property| other.properties.iter().any(|two| one.key == two.key && one.value != two.value);
            if block.properties.iter().any(contradicts) {
                let line = other.header.line;
                let reason = format!("is the section of line {line} again with other values: make them one");
                return Err(Refusal::at(block.header.line, reason));
            }
        }
        earlier.push(block);
    }
    Ok(())
}

/// The specification's characters of a name (aws-runtime: `env_config/normalize.rs`, `validate_identifier`).
fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_-/.%@:+".contains(character)
}

fn require_plain_name(section: &Section<'_>) -> Result<(), Refusal> {
    let name = section.name;
    let is_trimmed = !name.is_empty() && name.trim() == name;
    if is_trimmed && name.chars().all(|character| character == ' ' || is_name_character(character)) {
        return Ok(());
    }
    let reason = match name {
        "" => "a name has at least one letter or digit".to_owned(),
        name => format!("`{}` cannot be a name: use letters A to Z, digits, blanks and _-/.%@:+", name.escape_debug()),
    };
    Err(Refusal::whole(reason))
}

fn require_plain_key(key: &str) -> Result<(), Refusal> {
    if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Ok(());
    }
    Err(Refusal::whole(format!("cannot hold a key named `{}`: use letters, digits, _ and -", key.escape_debug())))
}

/// Refuses what at least one reader would cut or take for something else.
fn require_plain_value(key: &str, value: &str) -> Result<(), Refusal> {
    let is_odd = |c: char| c != '\t' && (c.is_control() || c != ' ' && c.is_whitespace());
    let begins_comment = |(at, _): (usize, _)| at == 0 || value[..at].ends_with(header::BLANKS);
    let found = if value.is_empty() {
        "is empty"
    } else if value.chars().any(is_odd) {
        "has a line break or another control character"
    } else if value.trim() != value {
        "has blanks at its beginning or end"
    } else if value.match_indices(header::COMMENT).any(begins_comment) {
        "has a `#` or `;` that begins a comment"
    } else {
        return Ok(());
    };
    Err(Refusal::whole(format!("cannot hold the value of `{key}`: it {found}")))
}
