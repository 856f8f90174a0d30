import java.io.StringReader;
import java.io.StringWriter;
import java.sql.*;
import java.time.LocalDateTime;
import java.util.*;
import java.util.concurrent.*;
import org.postgresql.PGConnection;

/** The frame is that of ../steps.ts; details are printed as strings, so that no JSON library is needed. */
public class Pgjdbc {
    static final String SLOW =
        "select count(*) from readings a, readings b, readings c where a.value + b.value > c.value";

    interface Step {
        Object run() throws Exception;
    }

    static Connection connection;
    static String url;

    public static void main(String[] arguments) throws Exception {
        url = jdbc(arguments[0]);
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("connect", Pgjdbc::connect);
        steps.put("query", () -> rows("select id, full_name, balance from customers order by id limit 2"));
        steps.put("prepared", Pgjdbc::prepared);
        steps.put("commit", Pgjdbc::commit);
        steps.put("rollback", Pgjdbc::rollback);
        steps.put("savepoint", Pgjdbc::savepoint);
        steps.put("copy-in", Pgjdbc::copyIn);
        steps.put("copy-out", Pgjdbc::copyOut);
        steps.put("stream", Pgjdbc::stream);
        steps.put("cancel", Pgjdbc::cancel);
        steps.put("timeout", Pgjdbc::timeout);
        steps.put("recover", Pgjdbc::recover);
        steps.put("denial", () -> List.of(
            fails("delete from orders"), fails("delete from orders where id = ?", 1L), count("orders")));
        steps.put("denial-in-block", Pgjdbc::denialInBlock);
        steps.put("denial-in-batch", Pgjdbc::denialInBatch);
        steps.put("introspect", Pgjdbc::introspect);
        steps.put("relations", () -> rows(
            "select c.full_name, o.total from customers c join orders o on o.customer_id = c.id order by o.id limit 3"));
        steps.put("bulk-insert", Pgjdbc::bulkInsert);
        steps.put("paginate", () -> rows("select id from orders where id > ? order by id limit ? offset ?", 5, 3, 1));
        steps.put("upsert", () -> rows("insert into teams (id, name) values (1, ?) "
            + "on conflict (id) do update set name = excluded.name returning *", "north"));
        steps.put("json", () -> rows(
            "update customers set profile = profile || ?::jsonb where profile->>'level' = ? returning profile",
            "{\"seen\": [1, \"two\", null]}", "2"));
        steps.put("arrays", () -> rows("select id, tags from customers where ? = any (tags) and id = any (?)",
            "all", connection.createArrayOf("integer", new Object[] {1, 3})));
        steps.put("dates", () -> rows("select born, placed_at, created_at from customers c "
            + "join orders o on o.customer_id = c.id where o.placed_at >= ? order by o.id limit 2",
            LocalDateTime.of(2026, 2, 10, 0, 0)));
        steps.put("settings", Pgjdbc::settings);
        steps.put("pool", Pgjdbc::pool);
        for (var step : steps.entrySet()) run(step.getKey(), step.getValue());
        connection.close();
    }

    static void run(String name, Step step) {
        String detail;
        boolean ok = true;
        try {
            detail = String.valueOf(step.run());
        } catch (Throwable error) {
            ok = false;
            detail = error + " " + Arrays.toString(error.getStackTrace());
        }
        System.out.println("{\"step\": \"" + name + "\", \"ok\": " + ok + ", \"detail\": \"" + escaped(detail) + "\"}");
    }

    static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t");
    }

    /** postgresql://user:password@host:port/database as pgjdbc wants it. */
    static String jdbc(String url) {
        var parsed = java.net.URI.create(url);
        String[] login = parsed.getRawUserInfo().split(":", 2);
        String query = parsed.getRawQuery() == null ? "" : "&" + parsed.getRawQuery();
        return "jdbc:postgresql://" + parsed.getHost() + ":" + parsed.getPort() + parsed.getPath()
            + "?user=" + login[0] + "&password=" + (login.length > 1 ? login[1] : "") + query;
    }

    static Object connect() throws SQLException {
        connection = DriverManager.getConnection(url);
        return connection.getCatalog() + " " + connection.isValid(1);
    }

    static List<List<String>> rows(String sql, Object... values) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int n = 0; n < values.length; n++) statement.setObject(n + 1, values[n]);
            return all(statement.executeQuery());
        }
    }

    static List<List<String>> all(ResultSet result, int... columns) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        int width = result.getMetaData().getColumnCount();
        while (result.next()) {
            List<String> row = new ArrayList<>();
            if (columns.length > 0) for (int column : columns) row.add(result.getString(column));
            else for (int n = 1; n <= width; n++) row.add(result.getString(n));
            rows.add(row);
        }
        return rows;
    }

    static String count(String table) throws SQLException {
        return rows("select count(*) from " + table).get(0).get(0);
    }

    static void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String fails(String sql, Object... values) {
        try {
            rows(sql, values);
        } catch (SQLException error) {
            return error.getSQLState();
        }
        throw new AssertionError("no error where one was expected");
    }

    /** The fifth execution is the first that pgjdbc prepares by name, and from then on in binary. */
    static Object prepared() throws SQLException {
        List<String> found = new ArrayList<>();
        try (var statement = connection.prepareStatement("select email, id from customers where id = ?")) {
            for (int n = 0; n < 12; n++) {
                statement.setInt(1, 1 + n % 6);
                found.add(all(statement.executeQuery()).toString());
            }
        }
        return found;
    }

    static Object commit() throws SQLException {
        connection.setAutoCommit(false);
        execute("insert into teams (name) values ('east')");
        connection.commit();
        connection.setAutoCommit(true);
        return count("teams");
    }

    static Object rollback() throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        connection.setAutoCommit(false);
        execute("update customers set balance = 0");
        connection.rollback();
        connection.setAutoCommit(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        return rows("select sum(balance) from customers");
    }

    static Object savepoint() throws SQLException {
        connection.setAutoCommit(false);
        var savepoint = connection.setSavepoint("one");
        String code = fails("insert into teams (name) values ('north')");
        connection.rollback(savepoint);
        execute("insert into teams (name) values ('centre')");
        connection.commit();
        connection.setAutoCommit(true);
        return List.of(code, count("teams"));
    }

    static Object copyIn() throws Exception {
        var lines = new StringBuilder();
        for (int n = 0; n < 500; n++) lines.append(9000 + n).append("\tcopied\t").append(n).append("\t2026-04-01\n");
        var copy = connection.unwrap(PGConnection.class).getCopyAPI();
        return copy.copyIn("copy readings from stdin", new StringReader(lines.toString()));
    }

    static Object copyOut() throws Exception {
        var out = new StringWriter();
        var copy = connection.unwrap(PGConnection.class).getCopyAPI();
        copy.copyOut("copy (select id, sensor from readings where id < 4 order by id) to stdout", out);
        return out;
    }

    /** With a fetch size, inside a transaction, pgjdbc reads through a portal. */
    static Object stream() throws SQLException {
        long total = 0;
        connection.setAutoCommit(false);
        try (var statement = connection.prepareStatement("select id from readings where id <= ?")) {
            statement.setFetchSize(300);
            statement.setInt(1, 4000);
            var result = statement.executeQuery();
            while (result.next()) total += result.getInt(1);
        }
        connection.commit();
        connection.setAutoCommit(true);
        return total;
    }

    /** Asks again until it has happened: a request that arrives before its statement has begun is lost. */
    static Object cancel() throws Exception {
        var timer = Executors.newSingleThreadScheduledExecutor();
        try (var statement = connection.createStatement()) {
            timer.scheduleAtFixedRate(() -> {
                try {
                    statement.cancel();
                } catch (SQLException error) {
                    throw new IllegalStateException(error);
                }
            }, 100, 400, TimeUnit.MILLISECONDS);
            statement.executeQuery(SLOW);
        } catch (SQLException error) {
            timer.shutdown();
            timer.awaitTermination(1, TimeUnit.SECONDS);
            return List.of(error.getSQLState(), count("teams"));
        }
        throw new AssertionError("not cancelled");
    }

    static Object timeout() throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            statement.executeQuery(SLOW);
        } catch (SQLException error) {
            return List.of(error.getSQLState(), count("teams"));
        }
        throw new AssertionError("not timed out");
    }

    static Object recover() throws SQLException {
        return List.of(fails("select 1 / (id - id) from teams"), fails("insert into teams (name) values ('north')"),
            fails("selec 1"), count("teams"));
    }

    static Object denialInBlock() throws SQLException {
        connection.setAutoCommit(false);
        execute("insert into teams (name) values ('lost')");
        var codes = List.of(fails("delete from teams"), fails("select 1"));
        String commit = "committed";
        try {
            connection.commit();
        } catch (SQLException error) {
            commit = error.getSQLState();
        }
        connection.rollback();
        connection.setAutoCommit(true);
        return List.of(codes, commit, count("teams"));
    }

    static Object denialInBatch() throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.addBatch("insert into teams (name) values ('batched')");
            statement.addBatch("delete from teams");
            statement.addBatch("insert into teams (name) values ('after')");
            statement.executeBatch();
        } catch (BatchUpdateException error) {
            return List.of(error.getSQLState(), Arrays.toString(error.getUpdateCounts()),
                rows("select name from teams where name in ('batched', 'after')"));
        }
        throw new AssertionError("not denied");
    }

    static Object introspect() throws SQLException {
        var meta = connection.getMetaData();
        return new TreeMap<>(Map.of(
            "schemas", all(meta.getSchemas(), 1),
            "types", all(meta.getTableTypes()),
            "tables", all(meta.getTables(null, "public", "%", new String[] {"TABLE", "VIEW", "PARTITIONED TABLE"}), 2, 3, 4, 5),
            "columns", all(meta.getColumns(null, "public", "%", "%"), 3, 4, 6, 7, 9, 11, 13, 23),
            "keys", all(meta.getPrimaryKeys(null, "public", "orders")),
            "imported", all(meta.getImportedKeys(null, "public", "orders")),
            "exported", all(meta.getExportedKeys(null, "public", "customers")),
            "indexes", all(meta.getIndexInfo(null, "public", "orders", false, true), 4, 6, 9, 13),
            "functions", all(meta.getFunctions(null, "public", "%"), 2, 3),
            "typeInfo", all(meta.getTypeInfo(), 1).size() > 50));
    }

    static Object bulkInsert() throws SQLException {
        var keys = new String[] {"id"};
        try (var statement = connection.prepareStatement("insert into readings values (?, ?, ?, now())", keys)) {
            for (int n = 0; n < 200; n++) {
                statement.setInt(1, 9700 + n);
                statement.setString(2, "batch");
                statement.setDouble(3, n / 2.0);
                statement.addBatch();
            }
            int done = statement.executeBatch().length;
            return List.of(done, all(statement.getGeneratedKeys()).size());
        }
    }

    static Object settings() throws SQLException {
        List<Object> found = new ArrayList<>();
        var main = connection;
        for (var setting : List.of("preferQueryMode=simple", "preferQueryMode=extendedForPrepared",
            "preferQueryMode=extendedCacheEverything", "prepareThreshold=1", "binaryTransfer=false", "autosave=always",
            "reWriteBatchedInserts=true", "defaultRowFetchSize=2", "currentSchema=public", "targetServerType=primary", "options=-c%20work_mem=8MB", "assumeMinServerVersion=9.0", "tcpKeepAlive=true",
            "gssEncMode=disable", "sslmode=prefer", "loginTimeout=10", "socketTimeout=30")) {
            connection = DriverManager.getConnection(url + "&ApplicationName=settings&" + setting);
            connection.setAutoCommit(false);
            found.add(setting + " " + rows("select id, tags from customers where id < ? order by id", 5));
            found.add(fails("delete from customers where id = ?", 1));
            connection.rollback();
            found.add(rows("show work_mem"));
            connection.close();
        }
        connection = main;
        return found;
    }

    static Object pool() throws Exception {
        var executor = Executors.newFixedThreadPool(3);
        List<Future<String>> sums = new ArrayList<>();
        for (int id = 1; id <= 6; id++) {
            int customer = id;
            sums.add(executor.submit(() -> {
                try (var own = DriverManager.getConnection(url); var statement = own.createStatement()) {
                    return all(statement.executeQuery(
                        "select sum(total) from orders where customer_id = " + customer)).toString();
                }
            }));
        }
        executor.shutdown();
        List<String> found = new ArrayList<>();
        for (var sum : sums) found.add(sum.get());
        return found;
    }
}
