//! The baselines: a bare actix route with a constant answer, with or without one read before it, or with what it reads from
//! `PostgreSQL`.

use std::cell::RefCell;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::PathBuf;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, error, web};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use rusqlite::{Connection, OpenFlags, params_from_iter};
use serde_json::{Map, Value};
use tokio_postgres::NoTls;
use tokio_postgres::types::ToSql;

use crate::Outcome;

/// How many connections to `PostgreSQL` there are: as many as the real server's by default.
pub(crate) const POOL: usize = 16;

/// One route and its answer.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Baseline {
    /// The route's pattern.
    #[arg(long)]
    pub(crate) route: String,
    /// The answer's status.
    #[arg(long)]
    pub(crate) status: u16,
    /// The answer's body, in bytes, unless it is read.
    #[arg(long)]
    pub(crate) body: usize,
    /// The SQLite file to read first.
    #[arg(long, requires = "sql")]
    pub(crate) database: Option<PathBuf>,
    /// The `PostgreSQL` database from which the answer is read: a row of texts as JSON or, for a redirect, where it leads.
    #[arg(long, requires = "sql")]
    pub(crate) postgres: Option<String>,
    /// The statement to run.
    #[arg(long)]
    pub(crate) sql: Option<String>,
    /// The path segments that the statement takes as parameters, in order.
    #[arg(long)]
    pub(crate) bind: Vec<String>,
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Serves until the process is killed.
pub(crate) async fn serve(baseline: Baseline) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let route = baseline.route.clone();
    let status = StatusCode::from_u16(baseline.status)?;
    let body = Bytes::from(vec![b'x'; baseline.body]);
    let pool = baseline.postgres.as_deref().map(pool).transpose()?;
    let baseline = Data::new(baseline);
    let server = HttpServer::new(move || {
        let (baseline, body, pool) = (baseline.clone(), body.clone(), pool.clone());
        let answer = move |request: HttpRequest, _sent: Bytes| {
            let (baseline, body, pool) = (baseline.clone(), body.clone(), pool.clone());
            async move {
                match (&baseline.sql, pool) {
                    (Some(sql), Some(pool)) => {
                        let row = row(&pool, &baseline, sql, &request).await;
                        let row = row.map_err(error::ErrorInternalServerError)?;
                        let mut response = HttpResponse::build(status);
                        if status.is_redirection() {
                            response.insert_header((LOCATION, row["url"].as_str().unwrap_or_default()));
                            return Ok(response.finish());
                        }
                        return Ok(response.json(row));
                    }
                    (Some(sql), None) => {
                        read(&baseline, sql, &request).map_err(error::ErrorInternalServerError)?;
                    }
                    (None, _) => {}
                }
                let mut response = HttpResponse::build(status);
                if status.is_redirection() {
                    response.insert_header((LOCATION, HeaderValue::from_static("/")));
                }
                response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
                Ok::<_, actix_web::Error>(response.body(body))
            }
        };
        App::new().service(web::resource(&route).to(answer))
    });
    let running = server.listen(listener)?.run();
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()?;
    drop(stdout);
    Ok(running.await?)
}

fn pool(url: &str) -> Outcome<Pool> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse()?, NoTls, config);
    Ok(Pool::builder(manager).max_size(POOL).build()?)
}

/// Runs the statement on one of the pool's connections, and returns the first row.
async fn row(
    pool: &Pool,
    baseline: &Baseline,
    sql: &str,
    request: &HttpRequest,
) -> Result<Value, Box<dyn std::error::Error>> {
    let values: Vec<&str> = baseline.bind.iter().map(|name| request.match_info().query(name)).collect();
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    let client = pool.get().await?;
    let row = client.query_one(&client.prepare_cached(sql).await?, &values).await?;
    let mut fields = Map::new();
    for (at, column) in row.columns().iter().enumerate() {
        fields.insert(column.name().to_owned(), row.try_get::<_, Option<String>>(at)?.into());
    }
    Ok(fields.into())
}

/// Runs the statement on the worker's own connection.
fn read(baseline: &Baseline, sql: &str, request: &HttpRequest) -> rusqlite::Result<usize> {
    CONNECTION.with_borrow_mut(|connection| {
        if connection.is_none() {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            *connection = Some(Connection::open_with_flags(baseline.database.clone().unwrap_or_default(), flags)?);
        }
        let connection = connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
        let values = baseline.bind.iter().map(|name| request.match_info().query(name));
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            bytes += row.get_ref(0)?.as_str()?.len();
        }
        Ok(bytes)
    })
}
