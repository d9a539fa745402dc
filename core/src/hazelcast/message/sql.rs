//! SQL.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::{SqlColumnMetadata, SqlError, SqlQueryId};
use super::sql_page::SqlPage;
use crate::Str;
use crate::hazelcast::Data;

/// SQL.
#[service(id = 0x21, since = "2.2")]
pub trait Sql {
    /// Ran a statement, before releases spoke 2.2.
    #[method(id = 0x01, since = "2.1")]
    fn execute_reserved(
        sql: Str,
        parameters: Vec<Data>,
        timeout_millis: i64,
        cursor_buffer_size: i32,
    );
    #[response]
    fn execute_reserved(
        query_id: Option<SqlQueryId>,
        row_metadata: Option<Vec<SqlColumnMetadata>>,
        row_page: Option<Vec<Vec<Option<Data>>>>,
        row_page_last: bool,
        update_count: i64,
        error: Option<SqlError>,
    );

    /// Read the next page, before releases spoke 2.2.
    #[method(id = 0x02, since = "2.1")]
    fn fetch_reserved(query_id: SqlQueryId, cursor_buffer_size: i32);
    #[response]
    fn fetch_reserved(
        row_page: Option<Vec<Vec<Option<Data>>>>,
        row_page_last: bool,
        error: Option<SqlError>,
    );

    /// Closes a query before all its rows were read.
    #[method(id = 0x03, since = "2.1")]
    fn close(query_id: SqlQueryId);

    /// Runs a statement.
    #[method(id = 0x04)]
    fn execute(
        sql: Str,
        parameters: Vec<Option<Data>>,
        timeout_millis: i64,
        cursor_buffer_size: i32,
        schema: Option<Str>,
        /// 0 any, 1 rows, 2 update count.
        expected_result_type: i8,
        query_id: SqlQueryId,
        #[since("2.3")] skip_update_statistics: bool,
    );
    /// The first page of its rows, an update count, or an error.
    #[response]
    fn execute(
        row_metadata: Option<Vec<SqlColumnMetadata>>,
        row_page: Option<SqlPage>,
        /// -1 if there are rows.
        update_count: i64,
        error: Option<SqlError>,
        #[since("2.5")] is_infinite_rows: bool,
        /// The parameter whose partition the statement should be sent to, or -1.
        #[since("2.6", default = -1)]
        partition_argument_index: i32,
    );

    /// Reads the next page.
    #[method(id = 0x05)]
    fn fetch(query_id: SqlQueryId, cursor_buffer_size: i32);
    /// A page, or an error.
    #[response]
    fn fetch(row_page: Option<SqlPage>, error: Option<SqlError>);

    /// Writes the statement that would create a mapping for a structure.
    #[method(id = 0x06, since = "2.3", retryable)]
    fn mapping_ddl(name: Str);
    /// The statement, or null.
    #[response]
    fn mapping_ddl(sql: Option<Str>);
}
