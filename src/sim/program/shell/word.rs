//! The shell's words: quotes, variables and substitutions, as parts that are put together when the word is used.

use super::parse::{Parser, Part, Word};

impl Parser {
    pub(super) fn name(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|one| one.is_ascii_alphanumeric() || one == '_') {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect()
    }

    pub(super) fn word(&mut self) -> Result<Word, String> {
        let mut word = Word::new();
        let mut text = String::new();
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    self.at += 1;
                    text.push_str(&self.until('\'')?);
                    word.push(Part::Text(String::new()));
                }
                '"' => {
                    self.at += 1;
                    flush(&mut text, &mut word);
                    self.quoted(&mut word)?;
                }
                '\\' => {
                    self.at += 1;
                    text.extend(self.peek());
                    self.at += 1;
                }
                '$' => {
                    flush(&mut text, &mut word);
                    let part = self.dollar(false)?;
                    word.push(part);
                }
                _ => {
                    text.push(character);
                    self.at += 1;
                }
            }
        }
        flush(&mut text, &mut word);
        Ok(word)
    }

    pub(super) fn until(&mut self, end: char) -> Result<String, String> {
        let start = self.at;
        while let Some(character) = self.peek() {
            self.at += 1;
            if character == end {
                return Ok(self.text[start..self.at - 1].iter().collect());
            }
        }
        Err("syntax error: unterminated quoted string".to_owned())
    }

    fn quoted(&mut self, word: &mut Word) -> Result<(), String> {
        // An empty pair of quotes is a word all the same.
        word.push(Part::Text(String::new()));
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err("syntax error: unterminated quoted string".to_owned()),
                Some('"') => {
                    self.at += 1;
                    flush(&mut text, word);
                    return Ok(());
                }
                Some('\\') => {
                    let next = self.text.get(self.at + 1).copied();
                    let is_escape = next.is_some_and(|next| "$`\"\\".contains(next));
                    text.push(if is_escape { next.unwrap_or('\\') } else { '\\' });
                    self.at += if is_escape { 2 } else { 1 };
                }
                Some('$') => {
                    flush(&mut text, word);
                    let part = self.dollar(true)?;
                    word.push(part);
                }
                Some(character) => {
                    text.push(character);
                    self.at += 1;
                }
            }
        }
    }

    fn dollar(&mut self, quoted: bool) -> Result<Part, String> {
        self.at += 1;
        if self.take("((") {
            let text = self.until(')')?;
            return if self.take(")") {
                Ok(Part::Arithmetic(text))
            } else {
                Err("syntax error: $((".to_owned())
            };
        }
        if self.take("(") {
            let mut steps = Vec::new();
            self.list(&mut steps, &[])?;
            return if self.take(")") {
                Ok(Part::Output { steps, quoted })
            } else {
                Err("syntax error: $(".to_owned())
            };
        }
        if self.take("{") {
            let name = self.special_or_name();
            let default = if self.take(":-") || self.take("-") {
                let text = self.until('}')?;
                return Ok(Part::Variable { name, default: Some(vec![Part::Text(text)]), quoted });
            } else {
                None
            };
            return if self.take("}") {
                Ok(Part::Variable { name, default, quoted })
            } else {
                Err("syntax error: bad substitution".to_owned())
            };
        }
        let name = self.special_or_name();
        if name.is_empty() {
            return Ok(Part::Text("$".to_owned()));
        }
        Ok(Part::Variable { name, default: None, quoted })
    }

    fn special_or_name(&mut self) -> String {
        match self.peek() {
            Some(character @ ('?' | '$' | '!' | '#' | '@' | '*')) => {
                self.at += 1;
                character.to_string()
            }
            _ => self.name(),
        }
    }
}

fn flush(text: &mut String, word: &mut Word) {
    if !text.is_empty() {
        word.push(Part::Text(std::mem::take(text)));
    }
}
