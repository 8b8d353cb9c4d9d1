//! `(…)`: groups, look-arounds, conditions and flags (CPython: `Lib/re/_parser.py`, `_parse` and `_parse_flags`).

use super::{Before, Open, Read, Reader, What, rejected, unsupported};

impl Reader {
    /// What stands behind a `(`.
    pub(super) fn group(&mut self) -> Read<()> {
        if !self.takes("?") {
            return self.numbered();
        }
        match self.next() {
            None => rejected("a group ends too early"),
            Some(':') => self.opens(What::Plain, "(?:"),
            Some('=') => self.opens(What::Plain, "(?="),
            Some('!') => self.opens(What::Plain, "(?!"),
            Some('>') => self.opens(What::Plain, "(?>"),
            Some('P') => self.python_group(),
            Some('<') => match self.next() {
                Some('=') => self.opens(What::LookBehind, "(?<="),
                Some('!') => self.opens(What::LookBehind, "(?<!"),
                _ => rejected("`(?<` begins nothing that Python knows; a named group is `(?P<name>…)`"),
            },
            Some('#') => self.comment(),
            Some('(') => self.condition(),
            Some(flag) if flag == '-' || flag.is_ascii_alphabetic() => {
                self.at -= 1;
                self.flags()
            }
            Some(_) => rejected("a `(?` begins nothing that Python knows"),
        }
    }

    pub(super) fn close(&mut self) -> Read<()> {
        if self.open.len() == 1 {
            return rejected("a `)` closes nothing");
        }
        if let Some(open) = self.open.pop() {
            self.item = open.start;
        }
        self.written.push(')');
        self.before = Before::Item;
        Ok(())
    }

    fn numbered(&mut self) -> Read<()> {
        self.groups += 1;
        self.opens(What::Numbered(self.groups), "(")
    }

    fn opens(&mut self, what: What, written: &str) -> Read<()> {
        let multiline = self.is_multiline();
        self.opens_with(what, written, multiline)
    }

    fn opens_with(&mut self, what: What, written: &str, multiline: bool) -> Read<()> {
        if self.is_looking_behind() {
            return unsupported("it looks behind at a group");
        }
        self.open.push(Open { what, start: self.written.len(), multiline, branches: 1 });
        self.written.push_str(written);
        self.before = Before::Nothing;
        Ok(())
    }

    /// `(?P<name>…)` and `(?P=name)`.
    fn python_group(&mut self) -> Read<()> {
        if self.takes("<") {
            let name = self.name('>')?;
            if self.names.contains_key(&name) {
                return rejected("two groups have one name");
            }
            self.names.insert(name, self.groups + 1);
            return self.numbered();
        }
        if !self.takes("=") {
            return rejected("`(?P` begins nothing that Python knows");
        }
        let name = self.name(')')?;
        match self.names.get(&name).copied() {
            Some(group) => self.refer(group),
            None => rejected("it refers to a group that is not there"),
        }
    }

    /// A group's name up to `end`, which is moved over.
    fn name(&mut self, end: char) -> Read<String> {
        let name = self.take_while(usize::MAX, |next| next != end);
        if self.next().is_none() {
            return rejected("a group's name does not end");
        }
        let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if begins_well && name.chars().all(|next| next.is_ascii_alphanumeric() || next == '_') {
            return Ok(name);
        }
        if name.is_ascii() { rejected("a group has a bad name") } else { unsupported("a group's name is not ASCII") }
    }

    fn comment(&mut self) -> Read<()> {
        self.take_while(usize::MAX, |next| next != ')');
        if self.next().is_none() { rejected("a comment is not closed") } else { Ok(()) }
    }

    /// `(?(1)…|…)` and `(?(name)…|…)`.
    fn condition(&mut self) -> Read<()> {
        let digits = self.take_while(usize::MAX, |next| next.is_ascii_digit());
        let group = if digits.is_empty() {
            let name = self.name(')')?;
            match self.names.get(&name) {
                Some(group) => *group,
                None => return rejected("a condition names a group that is not there"),
            }
        } else if !self.takes(")") {
            return rejected("a condition has a bad name");
        } else {
            digits.parse().unwrap_or(usize::MAX)
        };
        if group == 0 {
            return rejected("a condition names a group that is not there");
        }
        if group > self.groups {
            self.named_ahead = self.named_ahead.max(group);
        } else if self.open.iter().any(|open| open.what == What::Numbered(group)) {
            return unsupported("a condition names the group that it stands in");
        }
        self.opens(What::Conditional, &format!("(?({group})"))
    }

    /// `(?i)`, which counts for the whole and stands at its beginning, or `(?i-s:…)`.
    fn flags(&mut self) -> Read<()> {
        let is_letter = |next: char| next.is_ascii_alphabetic();
        let on = self.take_while(usize::MAX, is_letter);
        let off = if self.takes("-") { Some(self.take_while(usize::MAX, is_letter)) } else { None };
        let multiline = flags_are_known(&on, off.as_deref())?;
        match self.next() {
            Some(')') if off.is_none() => {
                if !self.written.trim_start_matches("(?s)").is_empty() || self.open.len() > 1 {
                    return rejected("flags for the whole stand behind its beginning");
                }
                if on.contains('s') {
                    self.written.push_str("(?s)");
                }
                if let (Some(true), Some(whole)) = (multiline, self.open.last_mut()) {
                    whole.multiline = true;
                }
                Ok(())
            }
            Some(':') => {
                let kept = |letters: &str| letters.chars().filter(|letter| "is".contains(*letter)).collect::<String>();
                let (on, off) = (kept(&on), off.as_deref().map(kept).unwrap_or_default());
                let minus = if off.is_empty() { "" } else { "-" };
                let multiline = multiline.unwrap_or_else(|| self.is_multiline());
                self.opens_with(What::Plain, &format!("(?{on}{minus}{off}:"), multiline)
            }
            _ => rejected("flags end too early"),
        }
    }
}

/// Whether the flags are such as Python knows and another engine can follow; what they make of `^` and `$`.
fn flags_are_known(on: &str, off: Option<&str>) -> Read<Option<bool>> {
    let is_known = |letter: char| "aiLmsux".contains(letter);
    let off_letters = off.unwrap_or_default();
    if !on.chars().chain(off_letters.chars()).all(is_known) || on.contains('L') {
        return rejected("a flag is unknown");
    }
    if off == Some("") || off_letters.contains(['a', 'u', 'L']) || on.chars().any(|letter| off_letters.contains(letter))
    {
        return rejected("flags are turned off that cannot be");
    }
    if on.contains('a') && on.contains('u') {
        return rejected("the flags `a` and `u` exclude each other");
    }
    if on.contains(['a', 'x']) || off_letters.contains('x') {
        return unsupported("it has the flag `a` or `x`");
    }
    Ok(on.contains('m').then_some(true).or_else(|| off_letters.contains('m').then_some(false)))
}
