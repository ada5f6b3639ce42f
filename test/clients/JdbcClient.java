import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * pgjdbc as one of the clients of the table: runs cases, prints what came.
 *
 * <p>usage: java JdbcClient PORT DATABASE PROTOCOL PLACE
 *
 * <p>Cases and results are those of psycopg_client.py.
 */
public class JdbcClient {
  /** What each protocol asks of the driver in the URL. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "simple", "preferQueryMode=simple",
          "extended", "prepareThreshold=0",
          "prepared", "prepareThreshold=1",
          "fetch", "prepareThreshold=0&defaultRowFetchSize=2");

  /** How often a prepared statement is run, so that one is used again. */
  private static final int RUNS = 3;

  private final String url;
  private final String protocol;
  private final boolean readOnly;

  private JdbcClient(String port, String database, String protocol, String place) {
    this.url = "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=analyst&" + SETTINGS.get(protocol);
    this.protocol = protocol;
    this.readOnly = place.equals("read_only");
  }

  private Connection connect() throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    connection.setReadOnly(readOnly);
    // The driver fetches in parts inside a transaction only.
    connection.setAutoCommit(!readOnly && !protocol.equals("fetch"));
    return connection;
  }

  /** One statement; its result as JSON. */
  private String run(Connection connection, PreparedStatement statement) throws SQLException {
    StringBuilder json = new StringBuilder("{\"columns\":[");
    try (ResultSet result = statement.executeQuery()) {
      ResultSetMetaData columns = result.getMetaData();
      int n = columns.getColumnCount();
      for (int i = 1; i <= n; i++) {
        json.append(i > 1 ? ",[" : "[").append(quote(columns.getColumnLabel(i)));
        json.append(',').append(quote(columns.getColumnTypeName(i))).append(']');
      }
      json.append("],\"rows\":[");
      for (int row = 0; result.next(); row++) {
        json.append(row > 0 ? ",[" : "[");
        for (int i = 1; i <= n; i++) {
          json.append(i > 1 ? "," : "").append(quote(result.getString(i)));
        }
        json.append(']');
      }
    }
    if (!connection.getAutoCommit()) {
      connection.commit();
    }
    return json.append("]}").toString();
  }

  private String answer(String argument, String then, String sql) {
    try (Connection connection = connect()) {
      List<String> results = new ArrayList<>();
      String text = null;
      try (PreparedStatement statement = connection.prepareStatement(sql.replace("{q}", "?"))) {
        if (sql.contains("{q}")) {
          statement.setString(1, argument);
        }
        for (int i = 0; i < (protocol.equals("prepared") ? RUNS : 1); i++) {
          results.add(run(connection, statement));
        }
        if (then.equals("1")) {
          try (ResultSet written = statement.executeQuery()) {
            written.next();
            text = written.getString(1);
          }
        }
      }
      if (results.stream().distinct().count() > 1) {
        return "{\"error\":\"one statement gave different results\"}";
      }
      if (text == null) {
        return results.get(0);
      }
      try (PreparedStatement statement = connection.prepareStatement(text)) {
        return run(connection, statement);
      }
    } catch (SQLException error) {
      return "{\"error\":" + quote(error.getMessage().split("\n")[0].replaceFirst("^ERROR: ", "")) + "}";
    }
  }

  private static String quote(String text) {
    if (text == null) {
      return "null";
    }
    StringBuilder json = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  public static void main(String[] args) throws Exception {
    JdbcClient client = new JdbcClient(args[0], args[1], args[2], args[3]);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] fields = line.split("\t", 3);
      System.out.println(client.answer(fields[0], fields[1], fields[2]));
    }
  }
}
