//! Tests of a single connection whose peer is in the same test, with a paused clock.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio::time::sleep;

use super::super::Connection;
use super::super::capacity::{Capacity, WorkerConnections};
use crate::{Drain, Limits};

const SECOND: Duration = Duration::from_secs(1);

fn connection() -> (Connection<DuplexStream>, DuplexStream) {
    let (here, there) = duplex(2 * 1024);
    let slot = Rc::new(WorkerConnections::new(Capacity::new(10, 1, Drain::default()))).admit();
    (Connection::new(here, slot, Limits::default()), there)
}

/// Reads `rate` bytes each second.
async fn read_at(mut client: DuplexStream, rate: usize) -> usize {
    let mut total = 0;
    let mut piece = vec![0; rate];
    loop {
        sleep(SECOND).await;
        match client.read(&mut piece).await {
            Ok(length) if length > 0 => total += length,
            _ => return total,
        }
    }
}

async fn write(mut connection: Connection<DuplexStream>, answer: &[u8]) -> Result<(), ErrorKind> {
    connection.write_all(answer).await.map_err(|error| error.kind())?;
    connection.flush().await.map_err(|error| error.kind())
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_be_read_at_the_minimum_rate() {
    let answer = vec![b'x'; 100 * 1024];
    let (server, client) = connection();
    let (written, read) = join(write(server, &answer), read_at(client, Limits::ANSWER_RATE as usize)).await;
    assert_eq!((written, read), (Ok(()), answer.len()));
}

#[tokio::test(start_paused = true)]
async fn an_answer_read_more_slowly_is_aborted() {
    let answer = vec![b'x'; 100 * 1024];
    let (server, client) = connection();
    let (written, read) = join(write(server, &answer), read_at(client, Limits::ANSWER_RATE as usize / 2)).await;
    assert_eq!(written, Err(ErrorKind::TimedOut));
    assert!(read < answer.len() / 2, "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_time_between_two_answers_does_not_count() {
    let (mut server, mut client) = connection();
    let (answer, mut taken) = ([b'x'; 4 * 1024], [0; 4 * 1024]);
    for _ in 0..10 {
        let (written, read) = join(
            async {
                server.write_all(&answer).await?;
                server.flush().await
            },
            client.read_exact(&mut taken),
        )
        .await;
        assert!(written.is_ok() && read.is_ok());
        sleep(Limits::ANSWER_GRACE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_more_is_read_while_an_answer_is_unread() {
    let (mut server, mut client) = connection();
    client.write_all(b"another request").await.unwrap();
    let blocked = poll_fn(|cx| {
        let answer = vec![b'x'; 64 * 1024];
        let mut answer = &answer[..];
        while let Poll::Ready(written) = tokio::io::AsyncWrite::poll_write(Pin::new(&mut server), cx, answer) {
            answer = &answer[written.unwrap()..];
        }
        let mut space = [0; 64];
        let mut buffer = ReadBuf::new(&mut space);
        Poll::Ready(Pin::new(&mut server).poll_read(cx, &mut buffer).is_pending() && buffer.filled().is_empty())
    });
    assert!(blocked.await);
    let mut taken = vec![0; 2 * 1024];
    client.read_exact(&mut taken).await.unwrap();
    server.flush().await.unwrap();
    let mut request = [0; 15];
    server.read_exact(&mut request).await.unwrap();
    assert_eq!(&request, b"another request");
}
