package dev.guard.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Runs several guards at a time, since most of one's time is a JVM that starts. */
final class Parallel {
  private static final int AT_A_TIME = 4;

  private Parallel() {}

  /** Applies a function to every value; the answers are in the order of the values. */
  static <T, R> Map<T, R> map(List<T> values, Function<T, R> function) {
    ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME);
    try {
      List<Callable<R>> calls = new ArrayList<>();
      values.forEach(value -> calls.add(() -> function.apply(value)));
      List<Future<R>> answers = pool.invokeAll(calls);
      Map<T, R> map = new LinkedHashMap<>();
      for (int i = 0; i < values.size(); i++) {
        map.put(values.get(i), answers.get(i).get());
      }
      return map;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      pool.shutdownNow();
    }
  }
}
