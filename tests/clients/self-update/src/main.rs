//! Lists the releases of a project, or updates a program from the newest one, as its arguments say.

use std::env;
use std::error::Error;

use self_update::backends::gitlab::{ReleaseList, Update};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, owner, name, token, rest @ ..] = arguments.as_slice() else {
        return Err("host, owner, name and token are needed".into());
    };
    match rest {
        [] => {
            let mut list = ReleaseList::configure();
            list.host(host).repo_owner(owner).repo_name(name);
            if !token.is_empty() {
                list.auth_token(token);
            }
            for release in list.build()?.fetch()?.all() {
                println!("{}", release.version());
            }
        }
        [program, version] => {
            let mut update = Update::configure();
            update.host(host).repo_owner(owner).repo_name(name).bin_name("hello").bin_install_path(program);
            update.target("x86_64-unknown-linux-gnu").current_version(version).no_confirm(true).show_output(false);
            if !token.is_empty() {
                update.auth_token(token);
            }
            println!("{:?}", update.build()?.update()?);
        }
        _ => return Err("a program and its version are needed for an update".into()),
    }
    Ok(())
}
