// Runs the SQL files that it is given in an empty DuckDB, one after the other, and prints what the last statement of each answers:
// a line "== FILE", one with the names of the columns, and one for each row, with tabs between.
import java.nio.file.*;
import java.sql.*;
import java.util.*;

class DuckDB {
    public static void main(String[] files) throws Exception {
        try (Connection c = DriverManager.getConnection("jdbc:duckdb:")) {
            for (String file : files) {
                System.out.println("== " + file);
                for (String sql : Files.readString(Path.of(file)).split(";\\s*\n")) {
                    if (sql.isBlank()) continue;
                    try (Statement s = c.createStatement()) {
                        if (s.execute(sql) && sql.contains("SELECT")) print(s.getResultSet());
                    }
                }
            }
        }
    }

    static void print(ResultSet r) throws SQLException {
        ResultSetMetaData m = r.getMetaData();
        if (m.getColumnCount() == 1 && m.getColumnName(1).equals("Count")) return; // of a statement that answers nothing
        List<String> line = new ArrayList<>();
        for (int i = 1; i <= m.getColumnCount(); i++) line.add(m.getColumnName(i));
        System.out.println(String.join("\t", line));
        while (r.next()) {
            line.clear();
            for (int i = 1; i <= m.getColumnCount(); i++) line.add(String.valueOf(r.getObject(i)));
            System.out.println(String.join("\t", line));
        }
    }
}
