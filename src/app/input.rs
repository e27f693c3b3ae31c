//! A line that is being typed.

/// Text with a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// What was typed.
    pub text: String,
    /// The cursor, in bytes; always between two characters.
    pub cursor: usize,
}

impl Input {
    /// A line that already holds a text, the cursor at its end.
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len() }
    }

    /// Puts text at the cursor; control characters are left out.
    pub fn insert(&mut self, text: &str) {
        let clean: String = text.chars().filter(|c| !c.is_control()).collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    /// Takes away the character before the cursor. Says whether there was one.
    pub fn backspace(&mut self) -> bool {
        let Some(last) = self.text[..self.cursor].chars().next_back() else { return false };
        self.cursor -= last.len_utf8();
        self.text.remove(self.cursor);
        true
    }

    /// Takes away the character at the cursor.
    pub fn delete(&mut self) {
        if self.cursor < self.text.len() {
            self.text.remove(self.cursor);
        }
    }

    /// Takes away the word before the cursor.
    pub fn delete_word(&mut self) {
        let before = self.text[..self.cursor].trim_end();
        let start = before.rfind(' ').map_or(0, |space| space + 1);
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    /// Takes away everything before the cursor.
    pub fn clear_before(&mut self) {
        self.text.replace_range(..self.cursor, "");
        self.cursor = 0;
    }

    /// One character to the left.
    pub fn left(&mut self) {
        self.cursor -= self.text[..self.cursor].chars().next_back().map_or(0, char::len_utf8);
    }

    /// One character to the right.
    pub fn right(&mut self) {
        self.cursor += self.text[self.cursor..].chars().next().map_or(0, char::len_utf8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_by_characters() {
        let mut input = Input::of("grüße web");
        input.delete_word();
        input.insert("d\u{1b}b");
        assert_eq!(input, Input { text: "grüße db".to_owned(), cursor: 10 });
        for _ in 0..4 {
            input.left();
        }
        input.delete();
        assert!(input.backspace());
        assert_eq!(input.text, "grü db");
        input.clear_before();
        assert!(!input.backspace());
        input.right();
        assert_eq!(input, Input { text: " db".to_owned(), cursor: 1 });
    }
}
