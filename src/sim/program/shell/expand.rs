//! Words as they are used: variables, sums and the output of commands put in.

use super::super::super::clock::Moment;
use super::Machine;
use super::parse::{Part, Step, Word};

impl Machine {
    /// A word as one text.
    pub(super) fn expand(&mut self, word: &Word, at: Moment) -> String {
        word.iter().map(|part| self.part(part, at)).collect()
    }

    /// A word as the words that it becomes: what is not quoted is split at blanks.
    pub(super) fn fields(&mut self, word: &Word, at: Moment) -> Vec<String> {
        let mut fields: Vec<String> = Vec::new();
        // Whether the next part goes on with the last field.
        let mut is_open = false;
        for part in word {
            if let Part::Variable { name, quoted: true, .. } = part
                && name == "@"
            {
                fields.extend(self.parameters.clone());
                continue;
            }
            let text = self.part(part, at);
            if !is_split(part) {
                match fields.last_mut().filter(|_| is_open) {
                    Some(last) => last.push_str(&text),
                    None => fields.push(text),
                }
                is_open = true;
                continue;
            }
            let joins = is_open && !text.starts_with(char::is_whitespace);
            for (index, piece) in text.split_whitespace().enumerate() {
                match fields.last_mut().filter(|_| joins && index == 0) {
                    Some(last) => last.push_str(piece),
                    None => fields.push(piece.to_owned()),
                }
            }
            is_open = !text.ends_with(char::is_whitespace) && (!text.is_empty() || is_open);
        }
        fields
    }

    fn part(&mut self, part: &Part, at: Moment) -> String {
        match part {
            Part::Text(text) => text.clone(),
            Part::Variable { name, default, .. } => match (self.variable(name), default) {
                (value, None) => value,
                (value, Some(_)) if !value.is_empty() => value,
                (_, Some(default)) => self.expand(default, at),
            },
            Part::Arithmetic(text) => self.sum(text).to_string(),
            Part::Output { steps, .. } => self.output_of(steps.clone(), at),
        }
    }

    fn variable(&self, name: &str) -> String {
        match name {
            "?" => self.status.to_string(),
            "$" => "1".to_owned(),
            "!" => "7".to_owned(),
            "#" => self.parameters.len().to_string(),
            "@" | "*" => self.parameters.join(" "),
            "0" => "sh".to_owned(),
            _ => match name.parse::<usize>() {
                Ok(number) => self.parameters.get(number - 1).cloned().unwrap_or_default(),
                Err(_) => self.variables.get(name).cloned().unwrap_or_default(),
            },
        }
    }

    /// The output of steps that run in a shell of their own, without its last newlines.
    fn output_of(&mut self, steps: Vec<Step>, at: Moment) -> String {
        let mut side = self.beside(&[":".to_owned()], at);
        side.frames.clear();
        side.push(steps, true);
        let mut output = Vec::new();
        side.act(at, &mut |_, source, bytes| {
            if source == super::Source::Output {
                output.extend_from_slice(bytes);
            }
        });
        self.status = side.status;
        String::from_utf8_lossy(&output).trim_end_matches('\n').to_owned()
    }

    /// A sum of whole numbers and variables: `+ - * / %`, comparisons, from left to right by precedence.
    fn sum(&self, text: &str) -> i64 {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == '$';
            let length = if is_word(first) {
                rest.find(|one| !is_word(one)).unwrap_or(rest.len())
            } else if ["<=", ">=", "==", "!="].iter().any(|operator| rest.starts_with(operator)) {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(&rest[..length]);
            rest = rest[length..].trim_start();
        }
        let mut at = 0;
        self.level(&tokens, &mut at, 0)
    }

    fn level(&self, tokens: &[&str], at: &mut usize, level: usize) -> i64 {
        const LEVELS: &[&[&str]] = &[&["<", ">", "<=", ">=", "==", "!="], &["+", "-"], &["*", "/", "%"]];
        let Some(operators) = LEVELS.get(level) else { return self.atom(tokens, at) };
        let mut left = self.level(tokens, at, level + 1);
        while let Some(operator) = tokens.get(*at).filter(|token| operators.contains(token)) {
            *at += 1;
            let right = self.level(tokens, at, level + 1);
            left = match *operator {
                "+" => left.wrapping_add(right),
                "-" => left.wrapping_sub(right),
                "*" => left.wrapping_mul(right),
                "/" => left.checked_div(right).unwrap_or(0),
                "%" => left.checked_rem(right).unwrap_or(0),
                "<" => i64::from(left < right),
                ">" => i64::from(left > right),
                "<=" => i64::from(left <= right),
                ">=" => i64::from(left >= right),
                "==" => i64::from(left == right),
                _ => i64::from(left != right),
            };
        }
        left
    }

    fn atom(&self, tokens: &[&str], at: &mut usize) -> i64 {
        let Some(token) = tokens.get(*at) else { return 0 };
        *at += 1;
        match *token {
            "-" => -self.atom(tokens, at),
            word => word
                .parse()
                .unwrap_or_else(|_| self.variable(word.trim_start_matches('$')).trim().parse().unwrap_or(0)),
        }
    }
}

fn is_split(part: &Part) -> bool {
    matches!(part, Part::Variable { quoted: false, .. } | Part::Output { quoted: false, .. })
}
