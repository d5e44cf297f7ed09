package dev.guard.cli.doctor.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model on loopback that follows a script, in whichever {@link ModelFormat} it is asked. */
final class LoopbackModel implements Closeable {
  private static final int MOST_BYTES = 64 << 20;

  private final HttpServer server;
  private final ExecutorService threads;
  private volatile Script script;

  private LoopbackModel(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /** Listens on a free port. */
  static LoopbackModel open() throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
    HttpServer server = HttpServer.create(address, 0);
    ExecutorService threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "guard-model");
              thread.setDaemon(true);
              return thread;
            });
    LoopbackModel model = new LoopbackModel(server, threads);
    server.setExecutor(threads);
    server.createContext("/", model::answer);
    server.start();
    return model;
  }

  /** Answers the address without a path, as in {@code http://127.0.0.1:4711}. */
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Follows this script from now on. */
  void follow(Script next) {
    script = next;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try {
      String path = exchange.getRequestURI().getPath();
      String text = new String(exchange.getRequestBody().readNBytes(MOST_BYTES), UTF_8);
      if (!exchange.getRequestMethod().equals("POST")) {
        // What models there are, and the like: none of it matters.
        send(exchange, "application/json", "{\"object\":\"list\",\"data\":[],\"models\":[]}");
        return;
      }
      Optional<ModelFormat> format = ModelFormat.of(path);
      if (path.endsWith("/count_tokens")) {
        send(exchange, "application/json", "{\"input_tokens\":1}");
      } else if (format.isEmpty()) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        answer(exchange, format.get(), JsonParser.parseString(text).getAsJsonObject());
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      exchange.sendResponseHeaders(400, -1);
    } finally {
      exchange.close();
    }
  }

  private void answer(HttpExchange exchange, ModelFormat format, JsonObject request)
      throws IOException {
    Turn turn = script.next(format.tools(request), format.results(request));
    if (!format.isStream(exchange.getRequestURI().getPath(), request)) {
      send(exchange, "application/json", format.whole(request, turn).toString());
      return;
    }
    StringBuilder events = new StringBuilder();
    for (ModelFormat.Event event : format.stream(request, turn)) {
      events.append(event.name().isEmpty() ? "" : "event: " + event.name() + "\n");
      events.append("data: ").append(event.data()).append("\n\n");
    }
    send(exchange, "text/event-stream", events.toString());
  }

  private static void send(HttpExchange exchange, String type, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
