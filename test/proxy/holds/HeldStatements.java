import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.*;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs held statements as pgjdbc does. Commands are lines with tabs: `run NUMBER ID JDBC-URL`, `cancel NUMBER`,
 * `leave NUMBER`. What comes of a run is one: NUMBER, ROWS or SQLSTATE, whether the session lives, message and notices.
 */
public class HeldStatements {
    static final Map<String, Connection> CONNECTIONS = new ConcurrentHashMap<>();
    static final Map<String, Statement> STATEMENTS = new ConcurrentHashMap<>();

    public static void main(String[] arguments) throws Exception {
        var commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split("\t");
            switch (words[0]) {
                case "run" -> new Thread(() -> run(words[1], Integer.parseInt(words[2]), words[3])).start();
                case "cancel" -> STATEMENTS.get(words[1]).cancel();
                case "leave" -> CONNECTIONS.get(words[1]).abort(Runnable::run);
                default -> throw new IllegalArgumentException(line);
            }
        }
        System.exit(0);
    }

    static void run(String number, int id, String url) {
        Connection connection = null;
        try {
            connection = DriverManager.getConnection(url);
            CONNECTIONS.put(number, connection);
            var statement = connection.prepareStatement("delete from orders where id = ?");
            STATEMENTS.put(number, statement);
            statement.setInt(1, id);
            int rows = statement.executeUpdate();
            var notices = new StringBuilder();
            for (SQLWarning each = statement.getWarnings(); each != null; each = each.getNextWarning())
                notices.append(each.getMessage()).append(' ');
            print(number, rows + "", connection, notices.toString());
        } catch (SQLException fault) {
            print(number, fault.getSQLState(), connection, fault.getMessage());
        }
    }

    static void print(String number, String outcome, Connection connection, String text) {
        boolean alive = false;
        try {
            alive = connection != null && connection.isValid(60);
            if (connection != null) connection.close();
        } catch (SQLException gone) {
            alive = false;
        }
        System.out.println(number + "\t" + outcome + "\t" + alive + "\t" + text.replaceAll("\\s+", " "));
    }
}
