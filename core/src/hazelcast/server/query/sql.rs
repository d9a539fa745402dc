//! Conditions in SQL, as `Predicates.sql` has them: `age >= 18 AND (name LIKE 'A%' OR NOT active)`.
//!
//! ```text
//! or    := and (OR and)*            and := not (AND not)*        not := NOT not | (or) | test
//! test  := path op literal | path [NOT] BETWEEN literal AND literal | path [NOT] IN (literal, …)
//!        | path [NOT] LIKE literal | path [NOT] ILIKE literal | path
//! ```

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Refused;
use super::matches::literal;
use crate::hazelcast::query::{Attribute, Comparison, Operand, Pattern, Predicate, not};
use crate::hazelcast::serialization::Value;

/// Conditions in one another.
const DEPTH: usize = 64;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

struct Parser {
    /// Backwards.
    tokens: Vec<Token>,
}

/// The predicate that a condition stands for.
pub(super) fn parse(condition: &str) -> Result<Predicate<'static>, Refused> {
    let mut tokens = tokens(condition)?;
    tokens.reverse();
    let mut parser = Parser { tokens };
    let predicate = parser.or(0)?;
    match parser.tokens.pop() {
        None => Ok(predicate),
        Some(token) => Err(wrong(Some(&token))),
    }
}

fn wrong(found: Option<&Token>) -> Refused {
    Refused::query(alloc::format!("invalid SQL: unexpected {found:?}"))
}

fn tokens(condition: &str) -> Result<Vec<Token>, Refused> {
    const SIGNS: [&str; 11] = ["<>", "<=", ">=", "!=", "==", "=", "<", ">", "(", ")", ","];
    let (mut tokens, mut rest) = (Vec::new(), condition.trim_start());
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (text, after) = quoted(rest)?;
            tokens.push(Token::Text(text));
            rest = after.trim_start();
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..).unwrap_or_default().trim_start();
        } else {
            let is_end = |char: char| char.is_whitespace() || "'<>=!(),".contains(char);
            let end = rest.find(is_end).unwrap_or(rest.len());
            if end == 0 {
                return Err(Refused::query("invalid SQL"));
            }
            let (word, after) = rest.split_at(end);
            tokens.push(Token::Word(word.to_string()));
            rest = after.trim_start();
        }
    }
    Ok(tokens)
}

/// A text in quotes, in which two quotes are one.
fn quoted(from: &str) -> Result<(String, &str), Refused> {
    let (mut text, mut rest) = (String::new(), from.get(1..).unwrap_or_default());
    loop {
        let (part, after) =
            rest.split_once('\'').ok_or_else(|| Refused::query("invalid SQL: missing quote"))?;
        text.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                text.push('\'');
                rest = more;
            }
            None => return Ok((text, after)),
        }
    }
}

impl Parser {
    /// Takes a key word, in any case.
    fn word(&mut self, wanted: &str) -> bool {
        let is_it = matches!(self.tokens.last(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        if is_it {
            self.tokens.pop();
        }
        is_it
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let is_it = matches!(self.tokens.last(), Some(Token::Sign(sign)) if *sign == wanted);
        if is_it {
            self.tokens.pop();
        }
        is_it
    }

    fn require(&mut self, wanted: &str) -> Result<(), Refused> {
        if self.sign(wanted) || self.word(wanted) { Ok(()) } else { Err(wrong(self.tokens.last())) }
    }

    fn or(&mut self, depth: usize) -> Result<Predicate<'static>, Refused> {
        if depth > DEPTH {
            return Err(Refused::query("invalid SQL: too deep"));
        }
        let mut all = Vec::from([self.and(depth)?]);
        while self.word("or") {
            all.push(self.and(depth)?);
        }
        Ok(single(all, Predicate::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Predicate<'static>, Refused> {
        let mut all = Vec::from([self.not(depth)?]);
        while self.word("and") {
            all.push(self.not(depth)?);
        }
        Ok(single(all, Predicate::And))
    }

    fn not(&mut self, depth: usize) -> Result<Predicate<'static>, Refused> {
        let mut negations = 0;
        while self.word("not") {
            negations += 1;
        }
        let predicate = if self.sign("(") {
            let inner = self.or(depth + 1)?;
            self.require(")")?;
            inner
        } else {
            self.test()?
        };
        Ok(if negations % 2 == 1 { not(predicate) } else { predicate })
    }

    fn test(&mut self) -> Result<Predicate<'static>, Refused> {
        let attribute = match self.tokens.pop() {
            Some(Token::Word(word)) => Attribute::from(word.as_str()),
            other => return Err(wrong(other.as_ref())),
        };
        let negated = self.word("not");
        let predicate = if self.word("between") {
            let from = self.literal()?;
            self.require("and")?;
            Predicate::Between { attribute, from, to: self.literal()? }
        } else if self.word("in") {
            self.require("(")?;
            let mut values = Vec::from([self.literal()?]);
            while self.sign(",") {
                values.push(self.literal()?);
            }
            self.require(")")?;
            Predicate::In { attribute, values }
        } else if self.word("like") {
            Predicate::Match { attribute, how: Pattern::Like, pattern: self.text()?.into() }
        } else if self.word("ilike") {
            let how = Pattern::LikeIgnoringCase;
            Predicate::Match { attribute, how, pattern: self.text()?.into() }
        } else if let Some(by) = self.comparison() {
            Predicate::Compare { attribute, by, value: self.literal()? }
        } else {
            Predicate::Compare {
                attribute,
                by: Comparison::Equal,
                value: Operand::from(Value::Bool(true)),
            }
        };
        Ok(if negated { not(predicate) } else { predicate })
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let Some(Token::Sign(sign)) = self.tokens.last() else { return None };
        let by = match *sign {
            "=" | "==" => Comparison::Equal,
            "!=" | "<>" => Comparison::NotEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            _ => return None,
        };
        self.tokens.pop();
        Some(by)
    }

    fn text(&mut self) -> Result<String, Refused> {
        match self.tokens.pop() {
            Some(Token::Text(text) | Token::Word(text)) => Ok(text),
            other => Err(wrong(other.as_ref())),
        }
    }

    /// A literal is a text, which what it is compared with turns into its own type.
    fn literal(&mut self) -> Result<Operand<'static>, Refused> {
        if self.word("null") {
            return Ok(Operand::from(Value::Null));
        }
        self.text().map(literal)
    }
}

fn single(
    mut all: Vec<Predicate<'static>>,
    several: impl FnOnce(Vec<Predicate<'static>>) -> Predicate<'static>,
) -> Predicate<'static> {
    match all.pop() {
        Some(last) if all.is_empty() => last,
        last => {
            all.extend(last);
            several(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hazelcast::query::{attr, key, this};
    use alloc::string::ToString;

    #[test]
    fn conditions() {
        let name = attr("name").like("A%");
        for (condition, read) in [
            ("age>=18 and name like 'A%'", attr("age").ge("18").and(name)),
            ("a = 'it''s' or (b != 2 and not c)", {
                let b = attr("b").ne("2").and(not(attr("c").eq(true)));
                attr("a").eq("it's").or(b)
            }),
            ("this between 1 and 3", this().between("1", "3")),
            ("__key not in (1, 2)", not(key().is_in(["1", "2"]))),
        ] {
            assert_eq!(parse(condition).expect(condition).to_string(), read.to_string());
        }
        for wrong in
            ["", "a =", "a = 1 b", "(a = 1", "a in ()", "a = 'x", "= 1", "a between 1", "!"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse(&"(".repeat(10_000)).is_err());
    }
}
