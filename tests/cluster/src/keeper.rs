//! The processes of a server: starting, stopping and freezing them.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::await_that;

/// Starts the server whenever it is told to, ends it with the process that asked, whose end closes the pipe on stdin, and
/// then clears up. A server whose processes are stopped ends its children by force after five seconds.
const KEEPER: &str = r#"
trap "" HUP INT TERM
folder=$1; shift
while read -r command; do
    case $command in
        start) "$@" </dev/null >>"$folder/log" 2>&1 & server=$!; echo "$server" ;;
        wait) wait "$server"; server=; echo ended ;;
    esac
done
exec >/dev/null 2>&1
kill -QUIT "$server"
kill -CONT "$server"
wait "$server"
rm -rf -- "$folder"
"#;

/// The shell that starts a server and clears up after it.
pub struct Keeper {
    process: Child,
    says: Lines<BufReader<ChildStdout>>,
    server: u32,
}

impl Keeper {
    /// The keeper of a folder, and of the server that `server` will start.
    pub fn of(folder: &Path, server: &Command) -> Self {
        let mut keeper = Command::new("sh");
        keeper.arg("-c").arg(KEEPER).arg("sh").arg(folder).arg(server.get_program()).args(server.get_args());
        keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).current_dir("/");
        let mut process = keeper.spawn().unwrap();
        let says = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, says, server: 0 }
    }

    fn tell(&mut self, command: &str) -> String {
        writeln!(self.process.stdin.as_ref().unwrap(), "{command}").unwrap();
        self.says.next().unwrap().unwrap()
    }

    pub fn start(&mut self) {
        self.server = self.tell("start").parse().unwrap();
    }

    /// Ends the server in order.
    pub fn stop(&mut self) {
        signal("INT", &[self.server]);
        self.tell("wait");
    }

    /// Stops all processes, and answers those that the server has started.
    pub fn freeze(&self) -> Vec<u32> {
        signal("STOP", &[self.server]);
        // From then on it starts no further ones.
        await_that(|| "the server goes on".to_owned(), || state(self.server).is_none_or(|(letter, _)| letter == 'T'));
        let children = children(self.server);
        signal("STOP", &children);
        children
    }

    pub fn thaw(&self) {
        signal("CONT", &children(self.server));
        signal("CONT", &[self.server]);
    }

    /// Ends all processes at once.
    pub fn kill(&mut self) {
        let children = self.freeze();
        signal("KILL", &children);
        signal("KILL", &[self.server]);
        self.tell("wait");
        await_that(|| "a process does not end".to_owned(), || !children.iter().any(|child| is_alive(*child)));
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It fails only when it is over already.
        let _ = self.process.wait();
    }
}

/// Sends a signal to processes, of which some may be over.
fn signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(ToString::to_string);
    Command::new("kill").arg(format!("-{name}")).args(processes).stderr(Stdio::null()).status().unwrap();
}

/// The processes that a process has started itself.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|number| state(*number).is_some_and(|(_, of)| of == parent)).collect()
}

fn is_alive(process: u32) -> bool {
    state(process).is_some_and(|(letter, _)| letter != 'Z' && letter != 'X')
}

/// The letter of a process's state and the process that has started it.
fn state(process: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Before it stands the program's name in brackets, whatever that holds.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
