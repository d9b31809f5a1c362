//! nginx, which receives and serves the same files.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;

/// How long nginx may take to start.
const START: Duration = Duration::from_secs(10);

/// nginx on a directory; it is stopped when dropped.
pub(crate) struct Nginx {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Where its files are.
    pub(crate) root: PathBuf,
}

impl Nginx {
    /// Starts nginx with Debian's settings where they matter here: a worker for each processor, `sendfile`, and a log of requests.
    pub(crate) fn start(directory: &Path) -> Outcome<Self> {
        let directory = directory.join("nginx");
        let root = directory.join("root");
        fs::create_dir_all(&root)?;
        // nginx cannot tell which port it has chosen.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let settings = directory.join("nginx.conf");
        fs::write(&settings, configuration(&directory, &root, address))?;
        let mut command = Command::new("nginx");
        command.arg("-e").arg(directory.join("error.log")).arg("-p").arg(&directory).arg("-c").arg(&settings);
        let child = command.stdin(Stdio::null()).spawn()?;
        let mut nginx = Self { child, address, root };
        let until = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            if nginx.child.try_wait()?.is_some() || Instant::now() > until {
                return Err(
                    format!("nginx does not start: {}", fs::read_to_string(directory.join("error.log"))?).into()
                );
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(nginx)
    }
}

fn configuration(directory: &Path, root: &Path, address: SocketAddr) -> String {
    let (directory, root) = (directory.display(), root.display());
    format!(
        "user root;
        worker_processes auto;
        daemon off;
        pid {directory}/nginx.pid;
        events {{ worker_connections 768; }}
        http {{
            sendfile on;
            tcp_nopush on;
            access_log {directory}/access.log;
            client_body_temp_path {directory}/body;
            client_max_body_size 0;
            server {{
                listen {address};
                root {root};
                location / {{ dav_methods PUT; }}
            }}
        }}
        "
    )
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let stopped = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
