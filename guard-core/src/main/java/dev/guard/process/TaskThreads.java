package dev.guard.process;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Lends threads to tasks that may wait: the life of a command, its watch, the call of a shim. A
 * thread that is free is used again, since making one and ending it costs a command of a gateway a
 * tenth of its time.
 */
public final class TaskThreads {
  /** Lends the threads of this process. */
  public static final TaskThreads OF_THIS_PROCESS = new TaskThreads(TaskThreads::daemon);

  private static final long KEPT_SECONDS = 10;
  private static final String FREE = "guard-free";

  private final ExecutorService pool;

  /** Lends threads that are made so. */
  TaskThreads(ThreadFactory factory) {
    // No task waits for another one's thread: each may last as long as its command.
    this.pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            KEPT_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            factory);
  }

  /**
   * Runs a task on a thread that is this task's until it ends. An exception that the task lets out
   * ends that thread.
   *
   * @param name the thread's name meanwhile; the kernel keeps its first 15 bytes
   * @throws OutOfMemoryError when no thread can be had; then the task does not run
   */
  public void run(String name, Runnable task) {
    pool.execute(
        () -> {
          Thread thread = Thread.currentThread();
          thread.setName(name);
          task.run();
          thread.setName(FREE);
        });
  }

  /**
   * Runs a task as {@link #run} does, or on the calling thread where no other can be had, as beside
   * a fork bomb of the same user: the end of a command must not wait for that of the bomb.
   */
  public void runAnyhow(String name, Runnable task) {
    try {
      run(name, task);
    } catch (OutOfMemoryError e) {
      task.run();
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, FREE);
    thread.setDaemon(true);
    return thread;
  }
}
