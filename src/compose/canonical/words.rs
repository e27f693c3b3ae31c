//! Command lines as Compose splits them: like a shell, but without variables, and everything from `;`, `&`, `|`, `<` or `>`
//! on is dropped.

use super::Fault;

/// Which quotes are open.
#[derive(Default)]
struct Quotes {
    single: bool,
    double: bool,
    back: bool,
    dollar: bool,
}

impl Quotes {
    fn any(&self) -> bool {
        self.single || self.double || self.back || self.dollar
    }
}

/// Splits a command line into words. An unclosed quote or a stray parenthesis is an error.
pub fn split(line: &str) -> Result<Vec<String>, Fault> {
    let invalid = || Fault::new("this command line does not end properly", "closed quotes and parentheses");
    let (mut words, mut word, mut started) = (Vec::new(), String::new(), false);
    let mut quotes = Quotes::default();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if !quotes.single => {
                word.push(characters.next().ok_or_else(invalid)?);
                started = true;
                continue;
            }
            ' ' | '\t' | '\r' | '\n' => {
                if quotes.any() {
                    word.push(character);
                } else if started {
                    words.push(std::mem::take(&mut word));
                    started = false;
                }
                continue;
            }
            '"' if !quotes.single && !quotes.dollar => {
                started |= quotes.double;
                quotes.double = !quotes.double;
                continue;
            }
            '\'' if !quotes.double && !quotes.dollar => {
                started |= quotes.single;
                quotes.single = !quotes.single;
                continue;
            }
            '`' if !quotes.single && !quotes.double && !quotes.dollar => quotes.back = !quotes.back,
            ')' if !quotes.single && !quotes.double && !quotes.back => quotes.dollar = !quotes.dollar,
            '(' if !quotes.single && !quotes.double && !quotes.back => {
                if quotes.dollar || !word.ends_with('$') {
                    return Err(invalid());
                }
                quotes.dollar = true;
                word.push(character);
                continue;
            }
            ';' | '&' | '|' | '<' | '>' if !quotes.any() => {
                // A descriptor's number in front of `>` belongs to the redirection.
                started &= character != '>' || !word.starts_with(|c: char| c.is_ascii_digit());
                break;
            }
            _ => {}
        }
        word.push(character);
        started = true;
    }
    if started {
        words.push(word);
    }
    if quotes.any() { Err(invalid()) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words() {
        let check = |line: &str, words: &[&str]| assert_eq!(split(line).unwrap(), words, "{line}");
        check("", &[]);
        check("  a  b ", &["a", "b"]);
        check(r#"a "b c" d\ e 'x"y'"#, &["a", "b c", "d e", "x\"y"]);
        check("$(foo bar) z;w", &["$(foo bar)", "z"]);
        check("a `b c` 2>x y", &["a", "`b c`"]);
        check(r#"a\tb "" c"#, &["atb", "", "c"]);
        for bad in ["a(b", "a)b", "'a", "a\\"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
