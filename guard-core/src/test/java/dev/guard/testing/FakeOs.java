package dev.guard.testing;

import dev.guard.os.Os;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** Stands for an Os of which a test says how each call answers; any other call fails. */
public final class FakeOs {
  private final Map<String, Call> calls = new HashMap<>();

  /** What a call does. */
  @FunctionalInterface
  public interface Call {
    /** Answers it. */
    Object answer(Object... arguments) throws Throwable;
  }

  /** Says what a call does from now on. */
  public FakeOs on(String name, Call call) {
    calls.put(name, call);
    return this;
  }

  /** It. */
  public Os os() {
    return (Os)
        Proxy.newProxyInstance(
            Os.class.getClassLoader(),
            new Class<?>[] {Os.class},
            (proxy, method, arguments) -> {
              Call call = calls.get(method.getName());
              if (call == null) {
                throw new AssertionError("not expected: " + method.getName());
              }
              return call.answer(arguments == null ? new Object[0] : arguments);
            });
  }
}
