//! Inside a crate, too, arrows run one way: no file imports one that imports it, directly or by way of others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's path within its crate; the root's is empty.
type Module = Vec<String>;

/// What a file says about others.
#[derive(Default)]
struct File {
    /// The modules that it declares, each in a file of its own.
    children: BTreeSet<String>,
    /// Those that are compiled for tests only.
    test_children: BTreeSet<String>,
    /// The paths that it names, from where they begin: the root of the crate, or a module.
    named: Vec<(Module, Vec<String>)>,
    /// What it hands on under a name of its own.
    handed_on: BTreeMap<String, (Module, Vec<String>)>,
}

#[test]
fn no_two_files_of_a_crate_import_each_other() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut names: Vec<_> = fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert!(names.len() >= 8, "the crates have moved");
    let mut circles = BTreeMap::new();
    for name in names {
        let mut files = BTreeMap::new();
        collect(&crates.join(&name).join("src"), &Vec::new(), &mut files);
        assert!(files.contains_key(&Vec::new()), "{name:?} has no root");
        let found = in_circles(&files);
        if !found.is_empty() {
            circles.insert(name.into_string().unwrap(), found);
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_circle_is_found_by_way_of_re_exports_children_and_other_files() {
    let files = |sources: &[(&str, &str)]| {
        let module = |name: &str| name.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        sources.iter().map(|(name, source)| (module(name), parse(&module(name), source))).collect()
    };
    let circle = files(&[
        ("", "mod a; mod b; mod c;"),
        ("a", "use crate::b::{self, One as Two};"),
        ("b", "fn b() { crate::c::deep::f() } /* use crate::nothing; */ mod d; pub use d::One;"),
        ("b::d", "const TEXT: &str = \"super::super::c\";"),
        ("c", "mod deep;"),
        ("c::deep", "use super::super::a::A;"),
    ]);
    let found: Vec<_> = in_circles(&circle).into_keys().collect();
    assert_eq!(found, ["a", "b", "c::deep"]);

    let straight = files(&[
        ("", "mod a; mod b; pub use a::A;"),
        ("a", "mod d; pub use d::One; mod e; #[cfg(test)] mod tests { use super::*; use crate::b::B; }"),
        ("a::d", "pub struct One;"),
        ("a::e", "use super::One; mod inner { use super::E; }"),
        ("b", "use crate::A; use std::a::X;"),
    ]);
    assert!(in_circles(&straight).is_empty(), "{:?}", in_circles(&straight));
}

/// Reads the files of a module and of those below it, tests left out.
fn collect(directory: &Path, module: &Module, files: &mut BTreeMap<Module, File>) {
    let candidates = match module.last() {
        None => vec![directory.join("lib.rs"), directory.join("main.rs")],
        Some(name) => vec![directory.with_file_name(format!("{name}.rs")), directory.join("mod.rs")],
    };
    let Some(source) = candidates.iter().find_map(|path| fs::read_to_string(path).ok()) else {
        panic!("no file for {module:?}")
    };
    let file = parse(module, &source);
    for child in file.children.difference(&file.test_children) {
        collect(&directory.join(child), &below(module, child), files);
    }
    files.insert(module.clone(), file);
}

fn below(module: &Module, child: &str) -> Module {
    module.iter().cloned().chain([child.to_owned()]).collect()
}

/// The files that can be reached from themselves, each with those that it imports.
fn in_circles(files: &BTreeMap<Module, File>) -> BTreeMap<String, Vec<String>> {
    let name = |module: &Module| if module.is_empty() { "the root".to_owned() } else { module.join("::") };
    let arrows: BTreeMap<&Module, BTreeSet<Module>> = files
        .iter()
        .map(|(module, file)| {
            let named = file.named.iter().filter_map(|(from, path)| target(files, from, path, 0));
            (module, named.filter(|target| target != module).collect())
        })
        .collect();
    let circular = arrows.keys().filter(|&&module| {
        let (mut reached, mut next) = (BTreeSet::new(), vec![module]);
        while let Some(file) = next.pop() {
            next.extend(arrows[file].iter().filter(|&target| reached.insert(target)));
        }
        reached.contains(module)
    });
    circular.map(|module| (name(module), arrows[module].iter().map(name).collect())).collect()
}

/// The file in which that stands which is called `path` from module `from`; none when it is no module of the crate.
fn target(files: &BTreeMap<Module, File>, from: &Module, path: &[String], hops: usize) -> Option<Module> {
    assert!(hops < 20, "{path:?} is handed on in a circle");
    let mut module = from.clone();
    let mut rest = path;
    while let Some((first, others)) = rest.split_first() {
        let file = files.get(&module)?;
        if file.children.contains(first) {
            module.push(first.clone());
            rest = others;
        } else if let Some((from, path)) = file.handed_on.get(first) {
            let further: Vec<_> = path.iter().chain(others).cloned().collect();
            return target(files, from, &further, hops + 1);
        } else {
            break;
        }
    }
    files.contains_key(&module).then_some(module)
}

/// Reads what a file says about others.
fn parse(module: &Module, source: &str) -> File {
    let tokens = without_tests(tokens(source));
    let mut file = File { test_children: tokens.1, ..File::default() };
    let tokens = tokens.0;
    // Modules that are written out within the file, by how many braces are open around each.
    let (mut inline, mut braces): (Vec<usize>, usize) = (Vec::new(), 0);
    let mut at = 0;
    while at < tokens.len() {
        let follows = |ahead: usize| tokens.get(at + ahead).map_or("", String::as_str);
        match follows(0) {
            "{" => braces += 1,
            "}" => {
                braces = braces.saturating_sub(1);
                inline.pop_if(|outer| *outer == braces);
            }
            "mod" if follows(2) == ";" => drop(file.children.insert(follows(1).to_owned())),
            "mod" if follows(2) == "{" => inline.push(braces),
            "use" => {
                let is_public = at > 0 && (tokens[at - 1] == "pub" || tokens[at - 1] == ")");
                let end = at + tokens[at..].iter().position(|token| token == ";").unwrap_or(1);
                let mut leaves = Vec::new();
                tree(&tokens[at + 1..end], &mut 0, &Vec::new(), &mut leaves);
                for (path, name) in leaves {
                    let Some((from, path)) = begin(module, &file.children, inline.len(), &path) else { continue };
                    let is_own = from == *module && path.first().is_some_and(|first| file.children.contains(first));
                    if is_public && inline.is_empty() {
                        file.handed_on.insert(name, (from.clone(), path.clone()));
                    }
                    if !(is_public && is_own) {
                        file.named.push((from, path));
                    }
                }
                at = end;
            }
            _ if follows(1) == "::" && (at == 0 || tokens[at - 1] != "::") => {
                let mut path = Vec::new();
                while tokens.get(at + 1).is_some_and(|token| token == "::") {
                    path.push(tokens[at].clone());
                    at += 2;
                }
                path.extend(tokens.get(at).cloned());
                file.named.extend(begin(module, &file.children, inline.len(), &path));
            }
            _ => {}
        }
        at += 1;
    }
    file
}

/// Where a path begins, and the rest of it; none when it begins outside the crate. `inline` modules are around it in its file.
fn begin(
    module: &Module,
    children: &BTreeSet<String>,
    inline: usize,
    path: &[String],
) -> Option<(Module, Vec<String>)> {
    match path.first()?.as_str() {
        "crate" => Some((Vec::new(), path[1..].to_vec())),
        "self" => Some((module.clone(), path[1..].to_vec())),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let depth = module.len().saturating_sub(ups.saturating_sub(inline));
            Some((module[..depth].to_vec(), path[ups..].to_vec()))
        }
        first => children.contains(first).then(|| (module.clone(), path.to_vec())),
    }
}

/// The leaves of a tree of imports: each path, and the name that it gets.
fn tree(tokens: &[String], at: &mut usize, before: &[String], leaves: &mut Vec<(Vec<String>, String)>) {
    let mut path = before.to_vec();
    while *at < tokens.len() {
        let token = tokens[*at].as_str();
        *at += 1;
        match token {
            "::" => {}
            "{" => {
                while *at < tokens.len() && tokens[*at] != "}" {
                    tree(tokens, at, &path, leaves);
                    if *at < tokens.len() && tokens[*at] == "," {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "as" => {
                leaves.push((path, tokens[*at].clone()));
                *at += 1;
                return;
            }
            "," | "}" => {
                *at -= 1;
                break;
            }
            "self" if !path.is_empty() => {}
            part => path.push(part.to_owned()),
        }
    }
    let name = path.last().cloned().unwrap_or_default();
    leaves.push((path, name));
}

/// The tokens without what is compiled for tests only, and the names of modules of that kind.
fn without_tests(tokens: Vec<String>) -> (Vec<String>, BTreeSet<String>) {
    let (mut kept, mut names) = (Vec::new(), BTreeSet::new());
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        kept.push(token);
        if !kept.ends_with(&["#", "[", "cfg", "(", "test", ")", "]"].map(str::to_owned)) {
            continue;
        }
        // The item ends with a semicolon, or with the brace that closes its first.
        let (mut braces, mut last) = (0_usize, String::new());
        for token in rest.by_ref() {
            if last == "mod" {
                names.insert(token.clone());
            }
            match token.as_str() {
                "{" => braces += 1,
                "}" => braces -= 1,
                _ => {}
            }
            if braces == 0 && (token == ";" || token == "}") {
                break;
            }
            last = token;
        }
    }
    (kept, names)
}

/// Names and marks, without comments, texts and characters; `::` is one mark.
fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let is_name = |c: &char| c.is_alphanumeric() || *c == '_';
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let rest = &chars[at..];
        let raw = rest.iter().skip(1).take_while(|c| **c == '#').count();
        at += match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => {
                rest.windows(2).skip(2).position(|pair| pair == ['*', '/']).map_or(rest.len(), |end| end + 4)
            }
            ['r', ..] if rest.get(1 + raw) == Some(&'"') => {
                let mut close = vec!['#'; raw + 1];
                close[0] = '"';
                let text = &rest[raw + 2..];
                text.windows(raw + 1).position(|end| end == close).map_or(rest.len(), |end| end + 2 * raw + 3)
            }
            ['"', text @ ..] => quoted(text, '"'),
            ['\'', '\\', ..] | ['\'', _, '\'', ..] => quoted(&rest[1..], '\''),
            [':', ':', ..] => {
                found.push("::".to_owned());
                2
            }
            [c, ..] if is_name(c) => {
                let name: String = rest.iter().take_while(|c| is_name(c)).collect();
                let length = name.chars().count();
                found.push(name);
                length
            }
            [c, ..] => {
                if !c.is_whitespace() && *c != '$' {
                    found.push(c.to_string());
                }
                1
            }
            [] => 1,
        };
    }
    found
}

/// How long a text is with its marks, of which the first was read.
fn quoted(text: &[char], mark: char) -> usize {
    let mut escaped = false;
    let end = text.iter().position(|&c| {
        let ends = c == mark && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 1) + 1
}
