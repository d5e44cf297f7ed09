package dev.guard.systemd;

import dev.guard.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A service manager that is asked by D-Bus, see org.freedesktop.systemd1(5). The connection is made
 * with the first call, stays open while there are calls, and is made anew after a failure, as when
 * the manager has restarted.
 */
public final class BusManager implements UnitManager, AutoCloseable {
  private static final String NAME = "org.freedesktop.systemd1";
  private static final String PATH = "/org/freedesktop/systemd1";
  private static final String EXISTS = NAME + ".UnitExists";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Os os;
  private final Path socket;
  private final boolean isBus;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private Optional<DBusConnection> open = Optional.empty();
  private boolean isUsed;

  BusManager(Os os, Path socket, boolean isBus, Duration patience) {
    this.os = os;
    this.socket = socket;
    this.isBus = isBus;
    this.patience = patience;
  }

  /** Asks the manager that makes units for a user: the user's own, and the system's for root. */
  public static BusManager ofUser(Os os, int user) {
    // The manager's own socket: no bus is in between, and none is needed.
    String place = user == 0 ? "/run" : "/run/user/" + user;
    return new BusManager(os, Path.of(place, "systemd/private"), false, PATIENCE);
  }

  /** Asks the system's manager, which anybody may ask by the system's bus. */
  public static UnitManager ofSystem(Os os, int user) {
    return user == 0
        ? ofUser(os, 0)
        : new BusManager(os, Path.of("/run/dbus/system_bus_socket"), true, PATIENCE);
  }

  @Override
  public boolean start(String unit, List<UnitProperty> properties) throws IOException {
    DBusWriter body = new DBusWriter().string(unit).string("fail");
    body.array(8, () -> properties.forEach(property -> property.write(body)));
    body.array(8, () -> {});
    try {
      call("StartTransientUnit", "ssa(sv)a(sa(sv))", body);
      return true;
    } catch (DBusConnection.RefusedException e) {
      if (e.error().equals(EXISTS)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void stop(String unit) throws IOException {
    call("StopUnit", "ss", new DBusWriter().string(unit).string("fail"));
  }

  @Override
  public void attach(String unit, Path cgroup, int pid) throws IOException {
    DBusWriter body = new DBusWriter().string(unit).string(cgroup.toString());
    body.array(4, () -> body.u32(pid));
    call("AttachProcessesToUnit", "ssau", body);
  }

  /**
   * Closes a connection that is not used: a manager sends all its signals to whoever is connected
   * to its own socket, and keeps in its memory what is not read.
   */
  @Override
  public void rest() {
    if (!lock.tryLock()) {
      return;
    }
    try {
      if (!isUsed && open.isPresent()) {
        close(open.get());
        open = Optional.empty();
      }
      isUsed = false;
    } finally {
      lock.unlock();
    }
  }

  /** Closes the connection; the next call makes another one. */
  @Override
  public void close() {
    lock.lock();
    try {
      open.ifPresent(BusManager::close);
      open = Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private static void close(DBusConnection connection) {
    try {
      connection.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<String> running(String pattern) throws IOException {
    DBusWriter body = new DBusWriter();
    body.array(4, () -> body.string("active")).array(4, () -> body.string(pattern));
    List<?> units = (List<?>) call("ListUnitsByPatterns", "asas", body).get(0);
    return units.stream().map(unit -> ((List<?>) unit).get(0).toString()).toList();
  }

  @Override
  public Map<String, Object> properties(String unit) throws IOException {
    String kind = unit.substring(unit.lastIndexOf('.') + 1);
    String type = NAME + "." + kind.substring(0, 1).toUpperCase(Locale.ROOT) + kind.substring(1);
    DBusConnection.Method method =
        new DBusConnection.Method(NAME, path(unit), "org.freedesktop.DBus.Properties", "GetAll");
    Map<String, Object> properties = new HashMap<>();
    for (Object entry : (List<?>) call(method, "s", new DBusWriter().string(type)).get(0)) {
      List<?> pair = (List<?>) entry;
      properties.put(pair.get(0).toString(), pair.get(1));
    }
    return properties;
  }

  /** Names a unit's object: whatever is no letter or digit stands there as its code. */
  static String path(String unit) {
    StringBuilder path = new StringBuilder(PATH + "/unit/");
    for (byte b : unit.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = Character.isLetterOrDigit(b) && b > 0;
      path.append(plain ? Character.toString(b) : String.format(Locale.ROOT, "_%02x", b & 0xff));
    }
    return path.toString();
  }

  private List<Object> call(String member, String signature, DBusWriter body) throws IOException {
    return call(new DBusConnection.Method(NAME, PATH, NAME + ".Manager", member), signature, body);
  }

  private List<Object> call(DBusConnection.Method method, String signature, DBusWriter body)
      throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      if (!lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException("it is slow");
      }
      try {
        return callNow(method, signature, body, deadline);
      } finally {
        lock.unlock();
      }
    } catch (DBusConnection.RefusedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "the service manager at "
              + socket
              + " was not asked for "
              + method.member()
              + ": "
              + e.getMessage(),
          e);
    } catch (InterruptedException e) {
      throw new IOException("interrupted while the service manager was asked", e);
    }
  }

  private List<Object> callNow(
      DBusConnection.Method method, String signature, DBusWriter body, long deadline)
      throws IOException {
    boolean isOld = open.isPresent();
    isUsed = true;
    try {
      return onceCalled(method, signature, body, deadline);
    } catch (DBusConnection.GoneException e) {
      if (!isOld) {
        throw e;
      }
      // It has restarted since, or has hung up on who said nothing for long.
      return onceCalled(method, signature, body, deadline);
    }
  }

  private List<Object> onceCalled(
      DBusConnection.Method method, String signature, DBusWriter body, long deadline)
      throws IOException {
    if (open.isEmpty()) {
      open = Optional.of(DBusConnection.open(os, socket, isBus, deadline));
    }
    try {
      return open.get().call(method, signature, body, deadline);
    } catch (DBusConnection.RefusedException e) {
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      close(open.get());
      open = Optional.empty();
      throw e;
    }
  }
}
