package dev.guard.record;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Runs threads that begin in the same moment, each as another guard would. */
final class AtOnce {
  private AtOnce() {}

  /** Their answers, or what they threw. */
  static List<Object> run(int threads, IntFunction<Callable<?>> tasks) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Callable<?> task = tasks.apply(i);
      futures.add(
          pool.submit(
              () -> {
                start.await();
                return task.call();
              }));
    }
    List<Object> answers = new ArrayList<>();
    for (Future<?> future : futures) {
      try {
        answers.add(future.get());
      } catch (ExecutionException e) {
        answers.add(e.getCause());
      }
    }
    pool.shutdown();
    return answers;
  }
}
